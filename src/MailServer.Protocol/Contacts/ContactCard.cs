using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>
/// An address object resource (RFC 6352 §5.1): one vCard 3.0 (RFC 2426) or 4.0 (RFC 6350),
/// and the octets it was parsed from, which are never rewritten.
/// </summary>
public sealed class ContactCard
{
    private ContactCard(ReadOnlyMemory<byte> text, ContentComponent root, VCardVersion version)
    {
        Text = text;
        Root = root;
        Version = version;
    }

    /// <summary>The stored octets.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    public VCardVersion Version { get; }

    public string Uid => Value("UID")!;

    /// <summary>FN, or the joined components of N if FN is missing.</summary>
    public string FullName => Value("FN") is { Length: > 0 } name ? name : string.Join(' ', Name.Where(n => n.Length > 0));

    /// <summary>The components of N: family names, given names, additional names, prefixes, suffixes.</summary>
    public IReadOnlyList<string> Name => Root.Line("N") is { } line ? [.. ContentText.Split(line.Text, ';').Select(ContentText.Unescape)] : [];

    /// <summary><c>individual</c>, <c>group</c>, <c>org</c> or <c>location</c>, from KIND or Apple's X-ADDRESSBOOKSERVER-KIND.</summary>
    public string Kind => (Value("KIND") ?? Value("X-ADDRESSBOOKSERVER-KIND") ?? "individual").ToLowerInvariant();

    /// <summary>The members of a group, as URIs.</summary>
    public IReadOnlyList<string> Members => [.. Values("MEMBER"), .. Values("X-ADDRESSBOOKSERVER-MEMBER")];

    public IReadOnlyList<string> Emails => [.. Values("EMAIL")];

    /// <summary>The VCARD component.</summary>
    public ContentComponent Root { get; }

    /// <summary>Parses one resource; on failure <paramref name="fault"/> names the violated precondition.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> text, ContactLimits limits, [NotNullWhen(true)] out ContactCard? card, [NotNullWhen(false)] out ContactFault? fault)
    {
        card = null;
        if (!ContentComponentParser.TryRead(text, limits.Content, out var roots, out var wrong))
        {
            var precondition = wrong!.Kind == ContentLineFaultKind.TextTooLong ? ContactPrecondition.MaxResourceSize : ContactPrecondition.ValidAddressData;
            fault = new ContactFault(precondition, wrong.ToString());
            return false;
        }

        fault = Check(roots, out var version);
        if (fault is not null)
            return false;
        card = new ContactCard(text, roots[0], version);
        return true;
    }

    private static ContactFault? Check(IReadOnlyList<ContentComponent> roots, out VCardVersion version)
    {
        version = default;
        if (roots is not [{ Name: "VCARD", Components.Count: 0 } root])
            return new ContactFault(ContactPrecondition.ValidAddressData, "not exactly one VCARD");
        if (!VCardVersions.TryRead(root.TextOf("VERSION"), out version))
            return new ContactFault(ContactPrecondition.SupportedAddressData, "neither vCard 3.0 nor 4.0");
        if (root.Line("UID") is not { Value.IsEmpty: false })
            return new ContactFault(ContactPrecondition.ValidAddressData, "no UID");
        return root.Line("FN") is null && root.Line("N") is null ? new ContactFault(ContactPrecondition.ValidAddressData, "no FN") : null;
    }

    private string? Value(string name) => Root.TextOf(name);

    private IEnumerable<string> Values(string name) => Root.LinesNamed(name).Select(l => ContentText.Unescape(l.Text));
}
