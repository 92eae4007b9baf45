using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav;

/// <summary>What a URL of ours names.</summary>
public abstract record DavTarget
{
    private DavTarget() { }

    /// <summary><c>/</c>, <c>/dav/</c>, <c>/caldav/</c> and what else only leads to the principal.</summary>
    public sealed record Entry(string Href) : DavTarget;

    /// <summary><c>/dav/principals/</c></summary>
    public sealed record Principals : DavTarget;

    public sealed record Principal(EmailAddress Address) : DavTarget;

    /// <summary><c>/dav/notifications/ADDRESS/</c>, or one in it.</summary>
    public sealed record Notifications(EmailAddress Address, string? Name) : DavTarget;

    /// <summary>A registration for push messages: <c>/dav/subscriptions/ADDRESS/ID</c>.</summary>
    public sealed record Subscription(EmailAddress Address, string Id) : DavTarget;

    /// <summary>A file attached to a calendar object: <c>/dav/attachments/ADDRESS/ID/NAME</c>; the name is for people.</summary>
    public sealed record Attachment(EmailAddress Address, string Id) : DavTarget;

    /// <summary>A home, or what is below it. <paramref name="HasSlash"/>: it was written as a collection is.</summary>
    public sealed record Member(EmailAddress Address, CollectionPath Path, bool HasSlash) : DavTarget;
}

/// <summary>
/// The shape of our URLs: <c>/dav/principals/ADDRESS/</c>, and <c>/dav/{calendars,addressbooks,files}/ADDRESS/NAME/…</c>. Every name is
/// percent-decoded by itself, so that nothing that was encoded can become a separator.
/// </summary>
public static class DavUrl
{
    public const string Root = "/dav/";
    public const string PrincipalsHref = "/dav/principals/";

    /// <summary>Before the secret of a calendar that anyone may read who knows it.</summary>
    public const string LinksRoot = "/ics/";

    private static readonly string[] Entries = ["/", "/dav", "/dav/", "/caldav", "/caldav/", "/carddav", "/carddav/"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="path">The path as sent, without query.</param>
    /// <param name="limits">How long and how deep names may be.</param>
    /// <param name="target">What it names; null for nothing of ours.</param>
    public static bool TryParse(string path, Limits limits, [NotNullWhen(true)] out DavTarget? target)
    {
        target = null;
        if (Entries.Contains(path, StringComparer.Ordinal))
        {
            target = new DavTarget.Entry(path is "/" ? path : path.TrimEnd('/') + "/");
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

    /// <summary>The URL of a collection (with a slash at its end) or resource.</summary>
    public static string HrefOf(EmailAddress address, CollectionPath path, bool isCollection)
    {
        var href = new StringBuilder(HomeOf(address, path.Space));
        foreach (var name in path.Names) href.Append(Encode(name)).Append('/');
        if (!isCollection && !path.IsHome) href.Length--;
        return href.ToString();
    }

    public static string Encode(string name) => Uri.EscapeDataString(name).Replace("%40", "@", StringComparison.Ordinal);

    /// <summary>The path of an absolute URL or of a path; null when there is none.</summary>
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

    /// <summary>The host (and port) of an absolute URL; null for a path.</summary>
    public static string? AuthorityOf(string reference) =>
        Uri.TryCreate(reference.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url.Authority : null;

    private static DavTarget? Find(string[] names, bool hasSlash)
    {
        if (names is ["principals"]) return new DavTarget.Principals();
        if (names.Length == 1) return SpaceOf(names[0]) is null ? null : new DavTarget.Entry($"{Root}{names[0]}/");
        if (!EmailAddress.TryParse(names[1], out var address)) return null;
        if (names is ["principals", _]) return new DavTarget.Principal(address);
        if (names is ["attachments", _, var file, _]) return new DavTarget.Attachment(address, file);
        if (names is ["subscriptions", _, var id]) return new DavTarget.Subscription(address, id);
        if (names is ["notifications", _] or ["notifications", _, _]) return new DavTarget.Notifications(address, names.ElementAtOrDefault(2));
        return SpaceOf(names[0]) is { } space
            ? new DavTarget.Member(address, new CollectionPath(space, ImmutableArray.Create(names.AsSpan(2))), hasSlash || names.Length == 2)
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
