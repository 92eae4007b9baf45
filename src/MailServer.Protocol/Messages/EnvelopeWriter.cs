namespace MailServer.Protocol.Messages;

/// <summary>Writes ENVELOPE values (RFC 9051 §7.5.2, RFC 3501 §7.4.2).</summary>
internal sealed class EnvelopeWriter(WireBuilder output) : IDisposable
{
    private readonly AddressBuffers _scratch = new();

    // envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"
    public void Write(in HeaderValues header)
    {
        output.Add((byte)'(');
        AddText(header, KnownField.Date);
        AddText(header, KnownField.Subject);
        var from = AddAddresses(header, KnownField.From);
        AddAddressesOrSame(header, KnownField.Sender, from);
        AddAddressesOrSame(header, KnownField.ReplyTo, from);
        AddAddresses(header, KnownField.To);
        AddAddresses(header, KnownField.Cc);
        AddAddresses(header, KnownField.Bcc);
        AddText(header, KnownField.InReplyTo);
        if (!header.TryGet(KnownField.MessageId, out var id)) output.Add("NIL)"u8);
        else
        {
            ImapStringWriter.AddString(output, id);
            output.Add((byte)')');
        }
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Writes "" for an empty field and NIL for a missing one.</summary>
    private void AddText(in HeaderValues header, KnownField field)
    {
        if (header.TryGet(field, out var text)) ImapStringWriter.AddString(output, text);
        else output.Add("NIL"u8);
        output.Add((byte)' ');
    }

    private WireSlice AddAddresses(in HeaderValues header, KnownField field)
    {
        var start = output.Length;
        if (header.TryGet(field, out var text)) AddList(text);
        else output.Add("NIL"u8);
        var list = output.SliceFrom(start);
        output.Add((byte)' ');
        return list;
    }

    // RFC 3501 §7.4.2: a missing or empty Sender or Reply-To is copied from From.
    private void AddAddressesOrSame(in HeaderValues header, KnownField field, WireSlice from)
    {
        var start = output.Length;
        if (header.TryGet(field, out var text)) AddList(text);
        if (output.SliceFrom(start).Length <= "NIL".Length)
        {
            output.Advance(start - output.Length);
            output.AddSlice(from);
        }

        output.Add((byte)' ');
    }

    private void AddList(ReadOnlySpan<byte> text)
    {
        var reader = new AddressReader(text, _scratch);
        if (!reader.MoveNext())
        {
            output.Add("NIL"u8);
            return;
        }

        output.Add((byte)'(');
        do AddAddress(reader);
        while (reader.MoveNext());
        output.Add((byte)')');
    }

    // address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")". A NIL host marks a group, so an address without a domain gets "".
    private void AddAddress(in AddressReader reader)
    {
        if (reader.Kind == AddressElementKind.GroupEnd)
        {
            output.Add("(NIL NIL NIL NIL)"u8);
            return;
        }

        if (reader.Kind == AddressElementKind.GroupStart)
        {
            output.Add("(NIL NIL "u8);
            ImapStringWriter.AddString(output, reader.Name);
            output.Add(" NIL)"u8);
            return;
        }

        output.Add((byte)'(');
        AddOrNil(reader.Name);
        AddOrNil(reader.Route);
        ImapStringWriter.AddString(output, reader.Local);
        output.Add((byte)' ');
        ImapStringWriter.AddString(output, reader.Domain);
        output.Add((byte)')');
    }

    private void AddOrNil(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) output.Add("NIL"u8);
        else ImapStringWriter.AddString(output, text);
        output.Add((byte)' ');
    }
}
