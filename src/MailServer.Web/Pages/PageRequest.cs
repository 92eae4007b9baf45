using System.Globalization;
using System.Net;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace MailServer.Web.Pages;

/// <summary>A page request and its session.</summary>
public sealed class PageRequest(HttpContext http, PageServices services, PageListener listener, IFormCollection form)
{
    private Dictionary<string, StringValues>? _query;

    public HttpContext Http { get; } = http;

    public PageServices Services { get; } = services;

    /// <summary>The listener that accepted the request.</summary>
    public PageListener Listener { get; } = listener;

    public IFormCollection Posted { get; } = form;

    /// <summary>The path to which the action redirects.</summary>
    public string ReturnPath { get; set; } = "/";

    /// <summary>The page that shows the form again if it is rejected, if it is another one than <see cref="ReturnPath"/>.</summary>
    public string? FormPath { get; set; }

    /// <summary>The action of the form that is shown again, if it is another one than that of the request.</summary>
    public string? FormAction { get; set; }

    /// <summary>The cookie to which the form token is bound.</summary>
    public required string Cookie { get; init; }

    public required PageSession? SignedIn { get; init; }

    /// <summary>The current credentials of the signed-in account; null if nobody is signed in.</summary>
    public required AccountCredentials? Credentials { get; init; }

    /// <summary>The session. Only valid on routes that require a sign-in.</summary>
    public PageSession Session => SignedIn ?? throw new InvalidOperationException("nobody is signed in");

    public Account Account => Credentials?.Account ?? throw new InvalidOperationException("nobody is signed in");

    /// <summary>True if the request may open the pages for administrators.</summary>
    public bool MayAdminister => Listener.MayAdminister(SignedIn, Credentials);

    /// <summary>
    /// Cancelled when the client disconnects, except for an action: a browser closes the connection of the first post on a double click, and the second gets the result of
    /// the first.
    /// </summary>
    public CancellationToken Cancel => HttpMethods.IsPost(Http.Request.Method) && _query is null ? CancellationToken.None : Http.RequestAborted;

    public IPAddress Peer => Http.Connection.RemoteIpAddress ?? IPAddress.None;

    /// <summary>The path with its query.</summary>
    public string Location { get; private init; } = http.Request.Path.ToUriComponent() + http.Request.QueryString.ToUriComponent();

    /// <summary>A request for another page, in the same session.</summary>
    /// <param name="location">A local path with its query.</param>
    public PageRequest For(string location)
    {
        ArgumentNullException.ThrowIfNull(location);
        var mark = location.IndexOf('?', StringComparison.Ordinal);
        return new PageRequest(Http, Services, Listener, Posted)
        {
            Cookie = Cookie,
            SignedIn = SignedIn,
            Credentials = Credentials,
            Location = location,
            _query = QueryHelpers.ParseQuery(mark < 0 ? "" : location[mark..]),
        };
    }

    public int PageNumber => int.TryParse(Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1;

    public string Query(string name) => (_query is null ? Http.Request.Query[name] : _query.GetValueOrDefault(name)).ToString();

    public string Field(string name) => Posted[name].ToString();

    public IEnumerable<string> Fields(string name) => Posted[name].OfType<string>();

    /// <summary>A value that identifies an object: from the form of an action, or from the query of the page that asks before it.</summary>
    public string Key(string name) => Posted.ContainsKey(name) ? Field(name) : Query(name);

    /// <summary>The content of the file in a form field. Throws <see cref="PageException"/> if none was chosen.</summary>
    public async Task<byte[]> FileAsync(string name)
    {
        if (Posted.Files.GetFile(name) is not { Length: > 0 } file) throw PageException.Invalid("Choose a file.", name);
        var octets = new byte[file.Length];
        await using var content = file.OpenReadStream();
        await content.ReadExactlyAsync(octets, Cancel);
        return octets;
    }

    /// <summary>The email address in a form field.</summary>
    public EmailAddress Address(string name) =>
        EmailAddress.TryParse(Field(name).Trim(), out var address) ? address : throw PageException.Invalid($"“{Field(name)}” is not an email address.", name);

    /// <summary>Redirects to a page that says that nothing changed, and why.</summary>
    /// <param name="why">A clause without capital letter and full stop.</param>
    public PageResult RedirectUnchanged(string why) => RedirectWithNotice($"Nothing changed: {why}.");

    /// <summary>Redirects to a page that shows a notice.</summary>
    public PageResult RedirectWithNotice(string text, string? path = null) => Redirect(new PageNotice(text, IsError: false), path);

    /// <summary>Redirects to a page that says what went wrong, for an action that took effect in part.</summary>
    public PageResult RedirectWithFault(string text, string? path = null) => Redirect(new PageNotice(text, IsError: true), path);

    private PageResult.SeeOther Redirect(PageNotice notice, string? path) => new(path ?? ReturnPath) { Notice = notice };
}
