using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav;

/// <summary>The target of a URL of this server.</summary>
public abstract record DavTarget
{
    private DavTarget() { }

    /// <summary>An entry point for discovery that leads to the principal: <c>/</c>, <c>/dav/</c>, <c>/caldav/</c>, …</summary>
    public sealed record EntryPoint(string Href) : DavTarget;

    /// <summary>The collection of all principals: <c>/dav/principals/</c>.</summary>
    public sealed record Principals : DavTarget;

    public sealed record Principal(EmailAddress Address) : DavTarget;

    /// <summary>The notification collection <c>/dav/notifications/ADDRESS/</c>, or one notification in it.</summary>
    public sealed record Notifications(EmailAddress Address, string? Name) : DavTarget;

    /// <summary>A push subscription: <c>/dav/subscriptions/ADDRESS/ID</c>.</summary>
    public sealed record Subscription(EmailAddress Address, string Id) : DavTarget;

    /// <summary>A managed attachment of a calendar object: <c>/dav/attachments/ADDRESS/ID/NAME</c>. The name is only for display.</summary>
    public sealed record Attachment(EmailAddress Address, string Id) : DavTarget;

    /// <summary>A home, or a collection or resource below it. <paramref name="HasSlash"/> is true if the URL ends with a slash, as URLs of collections do.</summary>
    public sealed record StoredResource(EmailAddress Address, CollectionPath Path, bool HasSlash) : DavTarget;
}

/// <summary>
/// Parses and writes the URLs of this server: <c>/dav/principals/ADDRESS/</c> and <c>/dav/{calendars,addressbooks,files}/ADDRESS/NAME/…</c>.
/// Each segment is percent-decoded separately, so an encoded slash cannot become a separator.
/// </summary>
public static class DavUrl
{
    public const string Root = "/dav/";
    public const string PrincipalsHref = "/dav/principals/";

    /// <summary>The prefix of secret links; the secret follows.</summary>
    public const string SecretLinksRoot = "/ics/";

    private static readonly string[] Entries = ["/", "/dav", "/dav/", "/caldav", "/caldav/", "/carddav", "/carddav/"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="path">The path as sent by the client, without the query.</param>
    /// <param name="limits">Limits on the length and depth of names.</param>
    /// <param name="target">The target; null if the path is unknown.</param>
    public static bool TryParse(string path, Limits limits, [NotNullWhen(true)] out DavTarget? target)
    {
        target = null;
        if (Entries.Contains(path, StringComparer.Ordinal))
        {
            target = new DavTarget.EntryPoint(path is "/" ? path : path.TrimEnd('/') + "/");
            return true;
        }

        if (!path.StartsWith(Root, StringComparison.Ordinal)) return false;
        var hasSlash = path.EndsWith('/');
        var parts = path[Root.Length..].TrimEnd('/').Split('/');
        if (parts.Length > limits.DavDepth + 2) return false;
        var names = new string[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            if (!TryDecode(parts[i], limits.DavName, out names[i])) return false;
        target = Find(names, hasSlash);
        return target is not null;
    }

    public static string PrincipalOf(EmailAddress address) => $"{PrincipalsHref}{Encode(address.Key)}/";

    public static string NotificationsOf(EmailAddress address) => $"{Root}notifications/{Encode(address.Key)}/";

    public static string SubscriptionOf(EmailAddress address, string id) => $"{Root}subscriptions/{Encode(address.Key)}/{id}";

    public static string AttachmentOf(EmailAddress address, string id, string name) =>
        $"{Root}attachments/{Encode(address.Key)}/{id}/{(name.Length > 0 ? Encode(name) : "attachment")}";

    public static string HomeOf(EmailAddress address, CollectionSpace space) => $"{Root}{NameOf(space)}/{Encode(address.Key)}/";

    /// <summary>The URL of a resource, or of a collection (with a trailing slash).</summary>
    public static string HrefOf(EmailAddress address, CollectionPath path, bool isCollection)
    {
        var href = new StringBuilder(HomeOf(address, path.Space));
        foreach (var name in path.Names) href.Append(Encode(name)).Append('/');
        if (!isCollection && !path.IsHome) href.Length--;
        return href.ToString();
    }

    public static string Encode(string name) => Uri.EscapeDataString(name).Replace("%40", "@", StringComparison.Ordinal);

    /// <summary>The path of an absolute URL or a path without its query and fragment; null if there is none.</summary>
    public static string? PathOf(string reference)
    {
        var text = reference.AsSpan().Trim();
        if (text.IndexOf("://", StringComparison.Ordinal) is var scheme and > 0)
        {
            var slash = text[(scheme + 3)..].IndexOf('/');
            text = slash < 0 ? "/" : text[(scheme + 3 + slash)..];
        }

        var end = text.IndexOfAny('?', '#');
        if (end >= 0) text = text[..end];
        return text is ['/', ..] ? text.ToString() : null;
    }

    /// <summary>The host and port of an absolute URL; null for a path.</summary>
    public static string? AuthorityOf(string reference) =>
        Uri.TryCreate(reference.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url.Authority : null;

    private static DavTarget? Find(string[] names, bool hasSlash)
    {
        if (names is ["principals"]) return new DavTarget.Principals();
        if (names.Length == 1) return SpaceOf(names[0]) is null ? null : new DavTarget.EntryPoint($"{Root}{names[0]}/");
        if (!EmailAddress.TryParse(names[1], out var address)) return null;
        if (names is ["principals", _]) return new DavTarget.Principal(address);
        if (names is ["attachments", _, var file, _]) return new DavTarget.Attachment(address, file);
        if (names is ["subscriptions", _, var id]) return new DavTarget.Subscription(address, id);
        if (names is ["notifications", _] or ["notifications", _, _]) return new DavTarget.Notifications(address, names.ElementAtOrDefault(2));
        return SpaceOf(names[0]) is { } space
            ? new DavTarget.StoredResource(address, new CollectionPath(space, ImmutableArray.Create(names.AsSpan(2))), hasSlash || names.Length == 2)
            : null;
    }

    private static CollectionSpace? SpaceOf(string name) => name switch
    {
        "calendars" => CollectionSpace.Calendars,
        "addressbooks" => CollectionSpace.AddressBooks,
        "files" => CollectionSpace.Files,
        _ => null,
    };

    private static string NameOf(CollectionSpace space) => space switch
    {
        CollectionSpace.Calendars => "calendars",
        CollectionSpace.AddressBooks => "addressbooks",
        _ => "files",
    };

    private static bool TryDecode(string part, int maxLength, out string name)
    {
        name = part;
        if (part.Length > maxLength * 3) return false;
        if (part.Contains('%', StringComparison.Ordinal) && !TryUnescape(part, out name)) return false;
        return name.Length is > 0 && name.Length <= maxLength && name is not ("." or "..") && !name.Any(c => c is '/' or < ' ' or '\u007F');
    }

    private static bool TryUnescape(string part, out string name)
    {
        name = "";
        var octets = new byte[part.Length * 3];
        var length = 0;
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] != '%')
            {
                length += Encoding.UTF8.GetBytes(part.AsSpan(i, 1), octets.AsSpan(length));
                continue;
            }

            if (i + 2 >= part.Length || !byte.TryParse(part.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out octets[length++])) return false;
            i += 2;
        }

        try
        {
            name = Strict.GetString(octets, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
