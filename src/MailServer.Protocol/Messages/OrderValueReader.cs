using System.Text;
using MailServer.Domain.Messages;
using MimeKit.Utils;

namespace MailServer.Protocol.Messages;

/// <summary>Reads the values by which SORT and THREAD order messages.</summary>
internal static class OrderValueReader
{
    /// <summary>Of more references the first and the last ones count.</summary>
    private const int MaxReferences = 50;

    /// <summary>More octets of a subject, name or address are ignored.</summary>
    private const int MaxText = 4_096;

    public static OrderValues Read(ReadOnlySpan<byte> headers, OrderFields fields)
    {
        var header = new HeaderValues(headers, cache: null);
        var values = new OrderValues();
        if (fields.HasFlag(OrderFields.SentTime) && header.TryGet(KnownField.Date, out var date)) values = values with { SentTime = DateField.ReadTime(date) };
        if (fields.HasFlag(OrderFields.Subject) && header.TryGet(KnownField.Subject, out var subject))
        {
            var (text, isReply) = BaseSubject.Of(Decode(subject));
            values = values with { Subject = UnicodeCasemap.Fold(text), IsReply = isReply };
        }

        if (fields.HasFlag(OrderFields.References)) values = ReadReferences(headers, header, values);
        if ((fields & ~(OrderFields.SentTime | OrderFields.Subject | OrderFields.References)) == 0) return values;
        return ReadAddresses(header, values);
    }

    private static OrderValues ReadAddresses(in HeaderValues header, OrderValues values)
    {
        using var buffers = new AddressBuffers();
        var from = FirstAddress(header, KnownField.From, buffers);
        var to = FirstAddress(header, KnownField.To, buffers);
        return values with
        {
            From = from.Local,
            To = to.Local,
            Cc = FirstAddress(header, KnownField.Cc, buffers).Local,
            DisplayFrom = from.Display,
            DisplayTo = to.Display,
        };
    }

    // RFC 5957 §3, for an address as ENVELOPE shows it: a group is an address without name and host.
    private static (string Local, string Display) FirstAddress(in HeaderValues header, KnownField field, AddressBuffers buffers)
    {
        if (!header.TryGet(field, out var value)) return ("", "");
        var reader = new AddressReader(value[..Math.Min(value.Length, MaxText)], buffers);
        if (!reader.MoveNext()) return ("", "");
        if (reader.Kind != AddressElementKind.Mailbox)
        {
            var group = reader.Kind == AddressElementKind.GroupStart ? Fold(reader.Name) : "";
            return (group, group);
        }

        var name = Fold(reader.Name);
        if (name.Length > 0) return (Fold(reader.Local), name);
        return (Fold(reader.Local), $"{Fold(reader.Local)}@{Fold(reader.Domain)}");
    }

    private static OrderValues ReadReferences(ReadOnlySpan<byte> headers, in HeaderValues header, OrderValues values)
    {
        if (header.TryGet(KnownField.MessageId, out var own) && MessageIds.TryReadNext(ref own, out var id)) values = values with { MessageId = id };
        var references = HeaderFields.TryFind(headers, "References"u8, out var field) ? ReadIds(field.Value) : [];
        // In-Reply-To may contain other things after its first id.
        if (references.Count == 0 && header.TryGet(KnownField.InReplyTo, out var parents) && MessageIds.TryReadNext(ref parents, out var parent)) references.Add(parent);
        return values with { References = references };
    }

    private static List<string> ReadIds(ReadOnlySpan<byte> text)
    {
        var ids = new List<string>();
        while (MessageIds.TryReadNext(ref text, out var id))
        {
            if (ids.Count == MaxReferences) ids.RemoveAt(1);
            ids.Add(id);
        }

        return ids;
    }

    private static string Fold(ReadOnlySpan<byte> text) => UnicodeCasemap.Fold(Decode(text));

    private static string Decode(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, MaxText)];
        if (Ascii.IsValid(text) && text.IndexOf("=?"u8) < 0) return Encoding.ASCII.GetString(text);
        return Rfc2047.DecodeText(text.ToArray());
    }
}
