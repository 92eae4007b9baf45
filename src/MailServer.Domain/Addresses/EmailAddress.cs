using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace MailServer.Domain.Addresses;

/// <summary>
/// An email address in canonical form: <c>local@domain</c>, with an unquoted, case-insensitive local part and a
/// domain of lower-case A-labels (RFC 5321 §2.4, RFC 5890). Two values are equal if they name the same mailbox.
/// Local parts with a dot at the start or the end, or with two in a row, are accepted without quotes, because such
/// addresses exist (RFC 5322 §3.4.1 does not allow them), and are written as they were read.
/// </summary>
public sealed class EmailAddress : IEquatable<EmailAddress>
{
    // RFC 5321 §4.5.3.1.1 requires support for 64 octets and recommends no limit; SRS and VERP addresses are longer.
    private const int MaxLocal = 192;
    private const int MaxLength = 254;

    // RFC 5321 §4.1.3 dcontent
    private static readonly SearchValues<char> LiteralContent = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c is not ('[' or '\\' or ']'))]);

    private readonly bool _isQuoted;

    private EmailAddress(string local, string domain, bool isQuoted)
    {
        Local = local;
        _isQuoted = isQuoted;
        Domain = domain;
        Key = $"{local.ToLowerInvariant()}@{domain}";
    }

    /// <summary>The local part as written, without quotes.</summary>
    public string Local { get; }

    /// <summary>The domain: lower-case A-labels, or an address literal with its brackets.</summary>
    public string Domain { get; }

    /// <summary>Lookup key for storage; equal addresses have equal keys.</summary>
    public string Key { get; }

    /// <summary>The subaddress after the first <c>+</c> (RFC 5233), or null.</summary>
    public string? Tag
    {
        get
        {
            var plus = Local.IndexOf('+', StringComparison.Ordinal);
            return plus > 0 ? Local[(plus + 1)..] : null;
        }
    }

    /// <summary>The address without its subaddress.</summary>
    public EmailAddress WithoutTag()
    {
        var plus = Local.IndexOf('+', StringComparison.Ordinal);
        return plus > 0 ? new EmailAddress(Local[..plus], Domain, _isQuoted) : this;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength) return false;
        var at = text.LastIndexOf('@');
        if (at <= 0 || at == text.Length - 1) return false;
        if (!TryNormalizeDomain(text[(at + 1)..], out var domain)) return false;
        if (!TryUnquote(text[..at], out var local) || !IsText(local) || Encoding.UTF8.GetByteCount(local) > MaxLocal) return false;
        address = new EmailAddress(local, domain, isQuoted: text[0] == '"');
        return true;
    }

    /// <summary>Makes an address from a local part without quotes, and writes it with quotes only if it has other characters than atoms and dots.</summary>
    public static bool TryCreate(string local, string domain, [NotNullWhen(true)] out EmailAddress? address) =>
        TryParse($"{(local.All(IsAtomOrDot) ? local : Quote(local))}@{domain}", out address);

    public static EmailAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an email address");

    /// <summary>
    /// Converts a domain to lower-case A-labels without a trailing dot. Returns false if it is not a valid domain
    /// name (lengths: RFC 1035 §2.3.4). Address literals such as <c>[1.2.3.4]</c> are only converted to lower case.
    /// </summary>
    public static bool TryNormalizeDomain(string text, [NotNullWhen(true)] out string? domain)
    {
        domain = null;
        if (text.Length > 2 && text[0] == '[' && text[^1] == ']')
        {
            domain = text.ToLowerInvariant();
            return domain.AsSpan(1, domain.Length - 2).IndexOfAnyExcept(LiteralContent) < 0;
        }

        try
        {
            var ascii = new IdnMapping { UseStd3AsciiRules = false }.GetAscii(text.EndsWith('.') ? text[..^1] : text).ToLowerInvariant();
            if (ascii.Length is 0 or > 253 || !ascii.Split('.').All(IsLabel)) return false;
            domain = ascii;
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Rejects unpaired surrogates and noncharacters (Unicode §23.7): neither can be written as XML.</summary>
    private static bool IsText(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) != OperationStatus.Done) return false;
            if ((rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF) return false;
            at += length;
        }

        return true;
    }

    private static bool TryUnquote(string text, out string local)
    {
        local = text;
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"') return text.All(IsAtomOrDot);
        var unquoted = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '"') return false;
            if (text[i] == '\\' && ++i == text.Length - 1) return false;
            if (char.IsControl(text[i])) return false;
            unquoted.Append(text[i]);
        }

        local = unquoted.ToString();
        return local.Length > 0;
    }

    private static bool IsAtomOrDot(char c) =>
        char.IsAsciiLetterOrDigit(c) || (c > 127 && !char.IsControl(c)) || "!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal);

    private bool HasOddDots => Local.StartsWith('.') || Local.EndsWith('.') || Local.Contains("..", StringComparison.Ordinal);

    public bool Equals(EmailAddress? other) => other is not null && Key == other.Key;

    public override bool Equals(object? obj) => Equals(obj as EmailAddress);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    public override string ToString() => !Local.All(IsAtomOrDot) || (_isQuoted && HasOddDots) ? $"{Quote(Local)}@{Domain}" : $"{Local}@{Domain}";

    private static string Quote(string local) => $"\"{local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
