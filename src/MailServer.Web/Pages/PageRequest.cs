using System.Globalization;
using System.Net;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Pages;

/// <summary>A request for a page, and who makes it.</summary>
public sealed class PageRequest(HttpContext http, PageServices services, IFormCollection form)
{
    public HttpContext Http { get; } = http;

    public PageServices Services { get; } = services;

    /// <summary>The page that a refused form leads back to.</summary>
    public string From { get; set; } = "/";

    /// <summary>The cookie that the form token is bound to.</summary>
    public required string Cookie { get; init; }

    public required PageSession? SignedIn { get; init; }

    /// <summary>The account as it is now; null: nobody is signed in.</summary>
    public required AccountCredentials? Credentials { get; init; }

    /// <summary>Of a page that asks for a session.</summary>
    public PageSession Session => SignedIn ?? throw new InvalidOperationException("nobody is signed in");

    public Account Account => Credentials?.Account ?? throw new InvalidOperationException("nobody is signed in");

    public CancellationToken Cancel => Http.RequestAborted;

    public IPAddress Peer => Http.Connection.RemoteIpAddress ?? IPAddress.None;

    public int Number => int.TryParse(Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1;

    public string Query(string name) => Http.Request.Query[name].ToString();

    public string Field(string name) => form[name].ToString();

    public IEnumerable<string> Fields(string name) => form[name].OfType<string>();

    /// <summary>An address that is typed.</summary>
    public EmailAddress Address(string name) =>
        EmailAddress.TryParse(Field(name).Trim(), out var address) ? address : throw PageException.Wrong($"“{Field(name)}” is not an email address.");

    /// <summary>What cannot be undone is done only when the name of it was typed.</summary>
    public void RequireTyped(string name)
    {
        if (!Field("typed").Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) throw PageException.Wrong($"Nothing was removed: type “{name}” to confirm.");
    }

    /// <summary>Leads to a page that says what was done.</summary>
    public PageAnswer Done(string text, string? path = null)
    {
        Session.Say(new Notice(text, IsFault: false));
        return new PageAnswer.SeeOther(path ?? From);
    }
}
