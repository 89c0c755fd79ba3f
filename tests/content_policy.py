"""A middleware that lets a page load and run only what its own site serves."""


class StrictPolicy:
    header = "default-src 'self'"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Content-Security-Policy"] = self.header
        return response
