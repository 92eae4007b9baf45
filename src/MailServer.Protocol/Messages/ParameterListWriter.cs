using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>
/// Writes body-fld-param. Continuations are joined. Extended values keep their charset and their name's asterisk, as RFC 2231 §7 requires of IMAP
/// servers. Raw 8-bit values are converted to that form, so that the output is 7-bit.
/// </summary>
internal sealed class ParameterListWriter(WireBuilder output, int limit) : IDisposable
{
    private readonly WireBuilder _value = new(128);
    private readonly WireBuilder _octets = new(256);
    private readonly List<Parameter> _parameters = [];

    /// <summary>Writes the remaining parameters of <paramref name="reader"/>; parameters beyond the limit are dropped.</summary>
    public void Write(ref ParameterReader reader)
    {
        _parameters.Clear();
        _octets.Clear();
        while (_parameters.Count < limit && reader.MoveNext()) Collect(reader);
        var start = output.Length;
        output.Add((byte)'(');
        for (var i = 0; i < _parameters.Count; i++)
        {
            var parameter = _parameters[i];
            // Continuations are written with their first section, which exists only once.
            if (parameter.Section >= 0 && Find(parameter, 0) is >= 0 and var first && first != i) continue;
            if (output.Length > start + 1) output.Add((byte)' ');
            if (parameter.Section == 0) AddJoined(parameter);
            else AddSingle(parameter);
        }

        output.Add((byte)')');
        if (output.Length > start + 2) return;
        output.Advance(start - output.Length);
        output.Add("NIL"u8);
    }

    /// <summary>Creates a reader that uses this writer's value buffer.</summary>
    public ParameterReader Read(ReadOnlySpan<byte> text) => new(text, _value);

    public void Dispose()
    {
        _value.Dispose();
        _octets.Dispose();
    }

    // parameter-name = attribute ["*" section] ["*"]   (RFC 2231 §7)
    private void Collect(in ParameterReader reader)
    {
        var name = reader.Name;
        var isExtended = name.Length > 1 && name[^1] == '*';
        if (isExtended) name = name[..^1];
        var section = -1;
        var star = name.IndexOf((byte)'*');
        if (star > 0 && TryReadSection(name[(star + 1)..], out section)) name = name[..star];
        var start = _octets.Length;
        _octets.Add(name);
        var nameSlice = _octets.SliceFrom(start);
        start = _octets.Length;
        _octets.Add(reader.Value);
        _parameters.Add(new Parameter(nameSlice, _octets.SliceFrom(start), section, isExtended));
    }

    private static bool TryReadSection(ReadOnlySpan<byte> digits, out int section)
    {
        section = -1;
        if (digits.Length is 0 or > 4 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        section = 0;
        foreach (var digit in digits) section = (section * 10) + digit - '0';
        return true;
    }

    private int Find(in Parameter like, int section)
    {
        for (var i = 0; i < _parameters.Count; i++)
        {
            if (_parameters[i].Section == section && Ascii.EqualsIgnoreCase(_octets[_parameters[i].Name], _octets[like.Name])) return i;
        }

        return -1;
    }

    private void AddSingle(in Parameter parameter)
    {
        var value = _octets[parameter.Value];
        var isRaw = !parameter.IsExtended && value.ContainsAnyInRange((byte)0x80, (byte)0xFF);
        _value.Clear();
        _value.Add(_octets[parameter.Name]);
        if (parameter.Section > 0)
        {
            _value.Add((byte)'*');
            _value.AddNumber(parameter.Section);
        }

        if (parameter.IsExtended || isRaw) _value.Add((byte)'*');
        ImapStringWriter.AddString(output, _value.Written);
        output.Add((byte)' ');
        _value.Clear();
        if (isRaw) AddCharset();
        if (parameter.IsExtended) AddExtended(value);
        else if (isRaw) AddPercentEncoded(EncodedWords.ToUtf8(value));
        else _value.Add(value);
        ImapStringWriter.AddString(output, _value.Written);
    }

    private void AddJoined(in Parameter first)
    {
        int last = first.Section, at;
        bool isExtended = false, isRaw = false;
        for (var section = 0; (at = Find(first, section)) >= 0; last = section++)
        {
            isExtended |= _parameters[at].IsExtended;
            isRaw |= _octets[_parameters[at].Value].ContainsAnyInRange((byte)0x80, (byte)0xFF);
        }

        _value.Clear();
        _value.Add(_octets[first.Name]);
        if (isExtended || isRaw) _value.Add((byte)'*');
        ImapStringWriter.AddString(output, _value.Written);
        output.Add((byte)' ');
        _value.Clear();
        // Only the first section can state charset and language.
        if ((isExtended || isRaw) && !first.IsExtended) AddCharset();
        for (var section = 0; section <= last; section++)
        {
            var parameter = _parameters[Find(first, section)];
            if (parameter.IsExtended) AddExtended(_octets[parameter.Value]);
            else if (isExtended || isRaw) AddPercentEncoded(EncodedWords.ToUtf8(_octets[parameter.Value]));
            else _value.Add(_octets[parameter.Value]);
        }

        ImapStringWriter.AddString(output, _value.Written);
    }

    private void AddCharset() => _value.Add("utf-8''"u8);

    /// <summary>Copies percent-encoded text, and encodes octets that should have been encoded.</summary>
    private void AddExtended(ReadOnlySpan<byte> text)
    {
        foreach (var octet in text)
        {
            if (octet is > 0x20 and < 0x7F) _value.Add(octet);
            else AddPercent(octet);
        }
    }

    private void AddPercentEncoded(ReadOnlySpan<byte> text)
    {
        foreach (var octet in text)
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'.' or (byte)'-' or (byte)'_') _value.Add(octet);
            else AddPercent(octet);
        }
    }

    private void AddPercent(byte octet)
    {
        _value.Add((byte)'%');
        _value.Add("0123456789ABCDEF"u8[octet >> 4]);
        _value.Add("0123456789ABCDEF"u8[octet & 15]);
    }

    /// <param name="Name">The name without asterisks.</param>
    /// <param name="Value">The value without quotes.</param>
    /// <param name="Section">The number of a continuation (RFC 2231 §3), otherwise -1.</param>
    /// <param name="IsExtended">Whether the value has a charset and percent-encoding (RFC 2231 §4).</param>
    private readonly record struct Parameter(WireSlice Name, WireSlice Value, int Section, bool IsExtended);
}
