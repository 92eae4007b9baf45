using System.Buffers;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>The <c>address-data</c> element of a report (RFC 6352 §10.4): the requested properties and vCard version.</summary>
public sealed record AddressDataRequest
{
    /// <summary>The requested properties; null for all.</summary>
    public IReadOnlyList<RequestedProperty>? Properties { get; init; }

    /// <summary>The <c>version</c> attribute; null for the stored version.</summary>
    public VCardVersion? Version { get; init; }

    /// <summary>Writes the requested part. VERSION is always included, because a vCard is invalid without it.</summary>
    public void Write(ContactCard card, IBufferWriter<byte> output)
    {
        var version = Version ?? card.Version;
        if (Properties is null && version == card.Version)
        {
            output.Write(card.Text.Span);
            return;
        }

        var writer = new ContentWriter(output);
        writer.Begin("VCARD");
        writer.WriteLine("VERSION:" + version.Text());
        foreach (var line in VCardConversion.Lines(card, version).Where(l => l.Name != "VERSION"))
            Write(writer, line);
        writer.End("VCARD");
    }

    private void Write(ContentWriter writer, ContentLine line)
    {
        var selection = Properties?.FirstOrDefault(p => string.Equals(p.Name, line.Name, StringComparison.OrdinalIgnoreCase));
        if (selection is { Name: null })
            return;
        if (selection is { NoValue: true })
            writer.WriteLine(line, "");
        else if (line.Raw.IsEmpty)
            writer.WriteLine(line, line.Text);
        else
            writer.WriteStored(line.Raw.Span);
    }
}
