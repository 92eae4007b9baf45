using System.Globalization;
using System.Net;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Pages;

/// <summary>A page request and its session.</summary>
public sealed class PageRequest(HttpContext http, PageServices services, IFormCollection form)
{
    public HttpContext Http { get; } = http;

    public PageServices Services { get; } = services;

    /// <summary>The path of the page to which a rejected form redirects.</summary>
    public string ReturnPath { get; set; } = "/";

    /// <summary>The cookie to which the form token is bound.</summary>
    public required string Cookie { get; init; }

    public required PageSession? SignedIn { get; init; }

    /// <summary>The current credentials of the signed-in account; null if nobody is signed in.</summary>
    public required AccountCredentials? Credentials { get; init; }

    /// <summary>The session. Only valid on routes that require a sign-in.</summary>
    public PageSession Session => SignedIn ?? throw new InvalidOperationException("nobody is signed in");

    public Account Account => Credentials?.Account ?? throw new InvalidOperationException("nobody is signed in");

    public CancellationToken Cancel => Http.RequestAborted;

    public IPAddress Peer => Http.Connection.RemoteIpAddress ?? IPAddress.None;

    public int PageNumber => int.TryParse(Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1;

    public string Query(string name) => Http.Request.Query[name].ToString();

    public string Field(string name) => form[name].ToString();

    public IEnumerable<string> Fields(string name) => form[name].OfType<string>();

    /// <summary>The content of the file in a form field. Throws <see cref="PageException"/> if none was chosen.</summary>
    public async Task<byte[]> FileAsync(string name)
    {
        if (form.Files.GetFile(name) is not { Length: > 0 } file) throw PageException.Invalid("Choose a file.");
        var octets = new byte[file.Length];
        await using var content = file.OpenReadStream();
        await content.ReadExactlyAsync(octets, Cancel);
        return octets;
    }

    /// <summary>The email address in a form field.</summary>
    public EmailAddress Address(string name) =>
        EmailAddress.TryParse(Field(name).Trim(), out var address) ? address : throw PageException.Invalid($"“{Field(name)}” is not an email address.");

    /// <summary>Requires that the user typed <paramref name="name"/> to confirm an action that cannot be undone.</summary>
    public void RequireTyped(string name)
    {
        if (!Field("typed").Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) throw PageException.Invalid($"Nothing was removed: type “{name}” to confirm.");
    }

    /// <summary>Redirects to a page that says that nothing changed, and why.</summary>
    /// <param name="why">A clause without capital letter and full stop.</param>
    public PageResult RedirectUnchanged(string why) => RedirectWithNotice($"Nothing changed: {why}.");

    /// <summary>Redirects to a page that shows a notice.</summary>
    public PageResult RedirectWithNotice(string text, string? path = null)
    {
        Session.SetNotice(new PageNotice(text, IsError: false));
        return new PageResult.SeeOther(path ?? ReturnPath);
    }
}
