namespace MailServer.Web.Pages;

/// <summary>Who may ask for a page.</summary>
public enum PageAudience
{
    Anybody,
    SignedIn,

    /// <summary>For others there is no such page.</summary>
    Administrators,
}

/// <summary>A page or an action, by method and path.</summary>
/// <param name="IsChange">POST; else GET.</param>
/// <param name="Path">Exactly.</param>
/// <param name="Audience">Who may.</param>
/// <param name="Answer">What it does.</param>
public sealed record PageRoute(bool IsChange, string Path, PageAudience Audience, Func<PageRequest, Task<PageAnswer>> Answer)
{
    /// <summary>Where a refused form leads back to, unless the action says otherwise.</summary>
    public string From { get; init; } = "/";

    public static PageRoute Get(string path, PageAudience audience, Func<PageRequest, Task<PageAnswer>> answer) => new(false, path, audience, answer);

    public static PageRoute Post(string path, PageAudience audience, Func<PageRequest, Task<PageAnswer>> answer, string from) => new(true, path, audience, answer) { From = from };
}
