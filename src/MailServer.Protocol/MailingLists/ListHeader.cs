using System.Buffers;
using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Messages;
using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.MailingLists;

/// <summary>
/// The header of a message that a mailing list sends to its members. Subject and body stay as they are, so a DKIM signature of the author survives, unless From must be rewritten.
/// </summary>
public static class ListHeader
{
    // Names every list that a message has come through. Unlike List-Id, which the next list replaces, these fields are kept.
    private const string BeenThere = "X-BeenThere";

    private static readonly string[] Replaced =
        ["Return-Path", "List-Id", "List-Post", "List-Owner", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Help", "List-Archive", "Precedence"];

    /// <summary>True if the message has come through the list before.</summary>
    public static bool HasBeenThrough(ReadOnlySpan<byte> header, MailingList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        foreach (var field in HeaderFields.Enumerate(header))
        {
            var name = Encoding.ASCII.GetString(field.Name);
            if (Is(name, BeenThere) && TextOf(field.Value).Equals(list.Address.ToString(), StringComparison.OrdinalIgnoreCase)) return true;
            if (Is(name, "List-Id") && IdOf(TextOf(field.Value)).Equals(list.Id, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>True if a program has sent the message: an automatic reply, a bounce, or a report (RFC 3834 §5, RFC 3464 §2, RFC 8098 §3).</summary>
    public static bool IsAutomatic(ReadOnlySpan<byte> header)
    {
        foreach (var field in HeaderFields.Enumerate(header))
        {
            var name = Encoding.ASCII.GetString(field.Name);
            if (Is(name, "Auto-Submitted") && !FirstWord(TextOf(field.Value)).Equals("no", StringComparison.OrdinalIgnoreCase)) return true;
            if (Is(name, "Content-Type") && TextOf(field.Value).StartsWith("multipart/report", StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>The header section with the fields of the list, and the blank line.</summary>
    /// <param name="header">The header section of the message.</param>
    /// <param name="list">The list.</param>
    /// <param name="author">The author, if From must be that of the list because the policy of the author's domain would have the message refused; null to keep From.</param>
    public static byte[] Write(ReadOnlyMemory<byte> header, MailingList list, EmailAddress? author)
    {
        ArgumentNullException.ThrowIfNull(list);
        var output = new ArrayBufferWriter<byte>(header.Length + 1024);
        AddListFields(output, list);
        var fields = SieveField.ReadAll(header, int.MaxValue);
        if (author is not null) AddAuthor(output, fields, list, author);
        else if (list.Settings.RepliesToList) Add(output, "Reply-To", list.Address.ToString());
        foreach (var field in fields.Where(f => IsKept(f.Name, list, author)))
        {
            output.Write(field.Octets.Span);
            if (!field.Octets.Span.EndsWith("\n"u8)) output.Write("\r\n"u8);
        }

        output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void AddListFields(ArrayBufferWriter<byte> output, MailingList list)
    {
        var name = list.Settings.Name;
        Add(output, BeenThere, list.Address.ToString());
        Add(output, "List-Id", name.Length == 0 ? $"<{list.Id}>" : $"{Phrase(name)} <{list.Id}>");
        // RFC 2369 §3.4: NO if members cannot post.
        Add(output, "List-Post", list.Settings.Posting == ListPosting.Owner ? "NO" : $"<mailto:{list.Address}>");
        Add(output, "List-Owner", $"<mailto:{list.OwnerAddress}>");
        // A person reads it: lists of a few members have no command address.
        Add(output, "List-Unsubscribe", $"<mailto:{list.OwnerAddress}?subject=unsubscribe%20{Uri.EscapeDataString(list.Address.ToString())}>");
        Add(output, "Precedence", "list");
    }

    /// <summary>From of the list with the name of the author, whom a reply or at least Cc still reaches.</summary>
    private static void AddAuthor(ArrayBufferWriter<byte> output, List<SieveField> fields, MailingList list, EmailAddress author)
    {
        var from = fields.Find(static f => Is(f.Name, "From"));
        Add(output, "From", $"{Phrase($"{NameOf(from, author)} via {(list.Settings.Name.Length > 0 ? list.Settings.Name : list.Address.Local)}")} <{list.Address}>");
        if (from is not null) Add(output, "X-Original-From", from.Text);
        var replyTo = fields.Find(static f => Is(f.Name, "Reply-To"));
        if (!list.Settings.RepliesToList)
        {
            if (replyTo is null) Add(output, "Reply-To", author.ToString());
            else output.Write(replyTo.Octets.Span);
            return;
        }

        Add(output, "Reply-To", list.Address.ToString());
        // The addresses that were there are copied as they are: their names may have commas.
        output.Write("Cc: "u8);
        foreach (var cc in fields.Where(static f => Is(f.Name, "Cc") && f.Value.Trim(" \t\r\n,"u8).Length > 0))
        {
            output.Write(cc.Value.Trim(" \t\r\n,"u8));
            output.Write(",\r\n "u8);
        }

        output.Write(Encoding.UTF8.GetBytes($"{author}\r\n"));
    }

    private static bool IsKept(string name, MailingList list, EmailAddress? author)
    {
        if (Replaced.Any(r => Is(name, r))) return false;
        if (Is(name, "Reply-To")) return author is null && !list.Settings.RepliesToList;
        if (author is null) return true;
        // The author's signature covers From: it could only fail.
        return !Is(name, "From") && !Is(name, "DKIM-Signature") && !(Is(name, "Cc") && list.Settings.RepliesToList);
    }

    private static string NameOf(SieveField? from, EmailAddress author)
    {
        var text = from?.Text ?? "";
        var angle = text.LastIndexOf('<');
        var name = angle > 0 ? text[..angle].Trim().Trim('"').Trim() : "";
        // A name with an address in it would let mail programs show that address.
        return name.Length == 0 || name.Contains('@', StringComparison.Ordinal) ? author.Local : name;
    }

    /// <summary>A display name: in quotes, unless it needs encoded-words, which cannot be in quotes (RFC 2047 §5).</summary>
    private static string Phrase(string name)
    {
        var clean = new string([.. name.Where(static c => !char.IsControl(c) && c is not ('"' or '\\' or '<' or '>'))]);
        return Ascii.IsValid(clean) ? $"\"{clean}\"" : new string([.. clean.Where(static c => !",:;()@[].".Contains(c, StringComparison.Ordinal))]);
    }

    private static void Add(ArrayBufferWriter<byte> output, string name, string value) => output.Write(SieveField.Create(name, value).Octets.Span);

    private static string IdOf(string text)
    {
        var (start, end) = (text.LastIndexOf('<'), text.LastIndexOf('>'));
        return start >= 0 && end > start ? text[(start + 1)..end].Trim() : text;
    }

    private static string TextOf(ReadOnlySpan<byte> value) => SieveField.Decode(value);

    private static string FirstWord(string text) => text.IndexOfAny([' ', ';', '\t', '(']) is >= 0 and var end ? text[..end] : text;

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
