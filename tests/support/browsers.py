"""A browser of the system, for pages: found, opened, and watched for what it asks for and says."""

import importlib.util
import shutil
from contextlib import contextmanager
from typing import NamedTuple

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--no-sandbox", "--disable-gpu")


def missing():
    """Why there is no browser to open, or None."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed"
    if not any(map(shutil.which, NAMES)):
        return f"no browser is installed: none of {', '.join(NAMES)}"
    return None


@contextmanager
def opened():
    """The browser, until it is closed."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


class Tab(NamedTuple):
    """A tab of the browser, with what it asked for and the errors on its console."""

    page: object
    requests: list
    messages: list

    def open(self, path):
        """Show a file, and nothing that it did not ask for itself."""
        self.requests.clear()
        self.messages.clear()
        self.page.goto(path.as_uri())
        return self.page

    def is_clean(self, path):
        """Whether the file alone was asked for, and there was no error."""
        return self.requests == [path.as_uri()] and self.messages == []


def tab(browser, **how):
    """A new tab."""
    page, requests, messages = browser.new_page(**how), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda told: told.type == "error" and messages.append(told.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return Tab(page, requests, messages)
