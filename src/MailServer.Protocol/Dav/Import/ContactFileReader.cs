using System.Buffers;
using MailServer.Domain.Collections;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Dav.Import;

/// <summary>Reads the cards of a file.</summary>
internal sealed class ContactFileReader(ReadOnlyMemory<byte> file)
{
    private const string Unnamed = "Unnamed";

    /// <summary>Properties that can serve as a name, in order of preference.</summary>
    private static readonly string[] Names = ["ORG", "NICKNAME", "EMAIL", "TEL"];

    private readonly ImportedUids _uids = new();

    public IEnumerable<ImportEntry> Read()
    {
        var number = 0;
        foreach (var slice in ImportSlice.Cards(file))
        {
            if (slice.Name.Length == 0) yield return new ImportEntry(ImportLabel.Of(slice, 0, null), CollectionSpace.AddressBooks) { Fault = "text outside of a card" };
            else yield return Read(slice, ++number);
        }
    }

    private ImportEntry Read(ImportSlice slice, int number)
    {
        var text = slice.Text;
        ContentLineFault? fault = null;
        // The charsets of single properties are converted before those of the whole card.
        if (LegacyVCard.IsLegacy(text)) LegacyVCard.TryConvert(text, out text, out fault);
        if (fault is not null) return Refused(slice, number, fault.Line - 1, fault.Reason);
        if (!ContentComponentParser.TryRead(ReceivedText.Repair(text, null), ImportFile.Limits, out var roots, out fault)) return Refused(slice, number, fault!.Line - 1, fault.Reason);
        var card = roots[0];
        var uid = _uids.Take([card], out var isMade, out var isDuplicate, out var isSame);
        var entry = new ImportEntry(ImportLabel.Of(slice, number, isMade ? card.TextOf("FN") : $"UID {uid}"), CollectionSpace.AddressBooks) { IsDuplicate = isDuplicate };
        return isSame ? entry : entry with { Text = Write(card, isMade ? uid : null) };
    }

    private static ImportEntry Refused(ImportSlice slice, int number, int line, string reason) =>
        new(ImportLabel.Of(slice with { Line = slice.Line + line }, number, ImportLabel.NameIn(slice, "FN")), CollectionSpace.AddressBooks) { Fault = reason };

    private static ReadOnlyMemory<byte> Write(ContentComponent card, string? uid)
    {
        if (uid is null && card.Raw.Span.StartsWith("BEGIN"u8) && HasName(card)) return card.Raw;
        var output = new ArrayBufferWriter<byte>(card.Raw.Length + 128);
        var writer = new ContentWriter(output);
        writer.Begin("VCARD");
        // VERSION must come first (RFC 6350 §6.7.9).
        if (card.Line("VERSION") is { } version) writer.WriteStored(version.Raw.Span);
        if (uid is not null) writer.WriteLine("UID:" + ContentText.Escape(uid));
        if (!HasName(card)) writer.WriteLine("FN:" + ContentText.Escape(NameOf(card)));
        foreach (var line in card.Lines.Where(l => l.Name != "VERSION" && !(uid is not null && l.Name == "UID"))) writer.WriteStored(line.Raw.Span);
        writer.End("VCARD");
        return output.WrittenMemory;
    }

    private static bool HasName(ContentComponent card) => card.Line("FN") is not null || card.Line("N") is not null;

    private static string NameOf(ContentComponent card) =>
        Names.Select(name => card.TextOf(name)?.Trim(' ', ';')).FirstOrDefault(text => !string.IsNullOrEmpty(text)) ?? Unnamed;
}
