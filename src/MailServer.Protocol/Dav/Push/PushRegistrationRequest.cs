using System.Buffers.Text;
using System.Globalization;
using System.Xml.Linq;
using MailServer.Protocol.Dav.Xml;

namespace MailServer.Protocol.Dav.Push;

/// <summary>The body of a subscription request (WebDAV-Push, "Subscription Registration"; RFC 8291 §2.1 for the keys).</summary>
public sealed record PushRegistrationRequest(Uri Resource, byte[] PublicKey, byte[] AuthSecret, bool OnContentUpdate, bool OnPropertyUpdate, DateTimeOffset? Expires)
{
    private const int LongestResource = 2_000;

    public static readonly XName Root = DavNames.Push + "push-register";

    public static PushRegistrationRequest Parse(XElement root)
    {
        var subscription = root.Element(DavNames.Push + "subscription")?.Element(DavNames.Push + "web-push-subscription") ?? throw Invalid();
        var text = subscription.Element(DavNames.Push + "push-resource")?.Value.Trim() ?? "";
        if (text.Length > LongestResource || !Uri.TryCreate(text, UriKind.Absolute, out var resource) || resource.Scheme != Uri.UriSchemeHttps || resource.UserInfo.Length > 0) throw Invalid();
        // An earlier draft used the name client-public-key.
        var key = Decode(subscription.Element(DavNames.Push + "subscription-public-key") ?? subscription.Element(DavNames.Push + "client-public-key"));
        var secret = Decode(subscription.Element(DavNames.Push + "auth-secret"));
        if (!WebPushEncryption.IsPublicKey(key) || secret.Length != WebPushEncryption.AuthSecretLength) throw Invalid();
        var trigger = root.Element(DavNames.Push + "trigger");
        var ofContent = trigger?.Element(DavNames.Push + "content-update") is not null;
        var ofProperties = trigger?.Element(DavNames.Push + "property-update") is not null;
        if (!ofContent && !ofProperties) throw DavException.Forbidden(DavNames.Push + "no-supported-trigger");
        return new PushRegistrationRequest(resource, key, secret, ofContent, ofProperties, ReadExpires(root));
    }

    private static DateTimeOffset? ReadExpires(XElement root)
    {
        if (root.Element(DavNames.Push + "expires")?.Value.Trim() is not { Length: > 0 } text) return null;
        return DateTimeOffset.TryParseExact(text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
            ? expires
            : throw DavException.BadRequest("expires must be an HTTP date");
    }

    private static byte[] Decode(XElement? element)
    {
        var text = element?.Value.Trim().TrimEnd('=') ?? "";
        return text.Length <= 200 && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : [];
    }

    private static DavException Invalid() => DavException.Forbidden(DavNames.Push + "invalid-subscription");
}
