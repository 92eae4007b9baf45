namespace MailServer.Web.Pages;

/// <summary>The name of a browser and its system, for a person who looks for a session that is not theirs.</summary>
public static class BrowserName
{
    // In this order: browsers name others in their User-Agent field, for compatibility.
    private static readonly (string Token, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Token, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <summary>Such as <c>Firefox on Linux</c>. Nothing of the text itself is returned, because the client chooses it.</summary>
    /// <param name="userAgent">The User-Agent header field; may be empty.</param>
    public static string Of(string userAgent)
    {
        ArgumentNullException.ThrowIfNull(userAgent);
        var (browser, system) = (Find(Browsers, userAgent), Find(Systems, userAgent));
        return (browser, system) switch
        {
            ({ Length: > 0 }, { Length: > 0 }) => $"{browser} on {system}",
            ({ Length: > 0 }, _) => browser,
            (_, { Length: > 0 }) => $"a program on {system}",
            _ => "",
        };
    }

    private static string Find((string Token, string Name)[] known, string text) => known.FirstOrDefault(k => text.Contains(k.Token, StringComparison.Ordinal)).Name ?? "";
}
