from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_every_import_goes_downward():
    assert lint_imports(config_filename="setup.cfg", no_cache=True) == EXIT_STATUS_SUCCESS
