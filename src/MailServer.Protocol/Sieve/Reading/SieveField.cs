using System.Text;
using MailServer.Protocol.Messages;
using MimeKit.Utils;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>A header field as tests see it.</summary>
public sealed class SieveField
{
    private readonly ReadOnlyMemory<byte> _value;
    private string? _text;

    private SieveField(string name, ReadOnlyMemory<byte> octets, ReadOnlyMemory<byte> value)
    {
        Name = name;
        Octets = octets;
        _value = value;
    }

    /// <summary>The name as written.</summary>
    public string Name { get; }

    /// <summary>The whole field as it stands in the message, with its line ends.</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <summary>The value with encoded-words decoded, unfolded, without white space at its ends (RFC 5228 §2.4.2.2).</summary>
    internal string Text => _text ??= Decode(_value.Span);

    /// <summary>The value still folded and encoded.</summary>
    internal ReadOnlySpan<byte> Value => _value.Span;

    /// <summary>The fields of a header section, at most as many as allowed.</summary>
    internal static List<SieveField> ReadAll(ReadOnlyMemory<byte> section, int most)
    {
        var fields = new List<SieveField>();
        var at = 0;
        foreach (var field in HeaderFields.Enumerate(section.Span))
        {
            var raw = section.Slice(at, field.Raw.Length);
            at += raw.Length;
            if (field.Name.IsEmpty) continue;
            if (fields.Count == most) break;
            fields.Add(new SieveField(Encoding.ASCII.GetString(field.Name), raw, raw[field.ValueStart..]));
        }

        return fields;
    }

    /// <summary>A new field, encoded and folded for the message (RFC 5293 §4).</summary>
    internal static SieveField Create(string name, string text)
    {
        using var line = new WireBuilder(256);
        line.Add(Encoding.ASCII.GetBytes($"{name}: "));
        EncodedWords.Add(line, Encoding.UTF8.GetBytes(text));
        line.Add("\r\n"u8);
        using var folded = new WireBuilder(256);
        HeaderFolder.Write(folded, HeaderField.Parse(line.Written));
        var octets = folded.ToArray();
        return new SieveField(name, octets, octets.AsMemory(name.Length + 1)) { _text = text };
    }

    /// <summary>Decodes a value. Words in a charset that is not known stay as they are (RFC 5228 §2.7.2).</summary>
    internal static string Decode(ReadOnlySpan<byte> folded)
    {
        var unfolded = new byte[folded.Length];
        var length = 0;
        foreach (var octet in folded)
            if (octet is not ((byte)'\r' or (byte)'\n')) unfolded[length++] = octet;
        var value = unfolded.AsSpan(0, length).Trim(" \t\0"u8);
        if (value.IndexOf("=?"u8) < 0 || HasUnknownCharset(value)) return Encoding.UTF8.GetString(EncodedWords.ToUtf8(value));
        return Rfc2047.DecodeText(EncodedWords.ToUtf8(value).ToArray()).Trim(' ', '\t', '\0');
    }

    private static bool HasUnknownCharset(ReadOnlySpan<byte> value)
    {
        while (value.IndexOf("=?"u8) is >= 0 and var start)
        {
            value = value[(start + 2)..];
            var end = value.IndexOfAny("?*"u8);
            if (end <= 0 || value[..end].ContainsAny(" \t"u8)) continue;
            if (!Charsets.IsKnown(Encoding.ASCII.GetString(value[..end]))) return true;
        }

        return false;
    }
}
