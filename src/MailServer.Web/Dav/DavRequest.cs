using System.Xml.Linq;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Headers;
using MailServer.Protocol.Dav.Xml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailServer.Web.Dav;

/// <summary>One request of an account: what it is about, its headers and body as values, and the way to the collections.</summary>
internal sealed class DavRequest(HttpContext http, DavServices services, Account account, DavTarget target)
{
    public HttpContext Http { get; } = http;

    public Limits Limits => services.Limits;

    public DavServices Services => services;

    /// <summary>Who asks.</summary>
    public Account Account => account;

    public DateTimeOffset Now => services.Time.GetUtcNow();

    public EmailAddress Owner => account.Address;

    public DavTarget Target { get; } = target;

    public string Method => Http.Request.Method;

    public CancellationToken Cancel => Http.RequestAborted;

    /// <summary>The path in one of the account's spaces; what is outside of them cannot be changed.</summary>
    public CollectionPath Path => Target is DavTarget.Member member ? member.Path : throw DavException.MethodNotAllowed("nothing is stored at this URL");

    /// <summary>The URL ends in a slash, as those of collections do.</summary>
    public bool HasSlash => Target is DavTarget.Member { HasSlash: true };

    /// <summary>RFC 7240: <c>return=minimal</c>.</summary>
    public bool PrefersMinimal => Header("Prefer")?.Contains("return=minimal", StringComparison.OrdinalIgnoreCase) == true
        || Header("Brief")?.Trim().Equals("t", StringComparison.OrdinalIgnoreCase) == true;

    public string? Header(string name) => Http.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public Preconditions Preconditions()
    {
        var (match, noneMatch, states, schedule) = (Header("If-Match"), Header("If-None-Match"), Header("If"), Header("If-Schedule-Tag-Match"));
        if (match is null && noneMatch is null && states is null && schedule is null) return Domain.Collections.Preconditions.None;
        return new Preconditions
        {
            IfMatch = ETags.Parse(match, strong: true),
            IfNoneMatch = ETags.Parse(noneMatch, strong: false),
            IfScheduleTag = schedule?.Trim().Trim('"'),
            If = IfHeader.Parse(states, Owner, Limits),
        };
    }

    /// <summary>Asks the collections; a refusal is thrown as what HTTP calls it.</summary>
    public async Task<T> AskAsync<T>(CollectionRequest request)
        where T : CollectionReply =>
        await services.Collections.AskAsync(account.Id, request, Cancel) switch
        {
            T expected => expected,
            CollectionReply.Refused refused => throw Refusals.ToException(refused, Owner, Path),
            var other => throw new InvalidOperationException($"{request.GetType().Name} was answered with {other.GetType().Name}"),
        };

    public async Task<byte[]> ReadBodyAsync(int max)
    {
        if (Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = max;
        var length = Http.Request.ContentLength;
        if (length > max) throw new DavException(413, "the body is too large");
        if (length is { } known)
        {
            var body = new byte[known];
            await Http.Request.Body.ReadExactlyAsync(body, Cancel);
            return body;
        }

        using var buffer = new MemoryStream();
        await Http.Request.Body.CopyToAsync(buffer, Cancel);
        return buffer.ToArray();
    }

    /// <summary>The root of the XML body; null when there is no body.</summary>
    public async Task<XElement?> ReadXmlAsync()
    {
        var body = await ReadBodyAsync(Limits.DavXml);
        return body.Length == 0 ? null : DavXmlReader.Read(body, Limits);
    }
}
