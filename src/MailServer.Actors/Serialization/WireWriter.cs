using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Serialization;

/// <summary>
/// Writes the values of messages between nodes: variable-length numbers, length-prefixed strings and octets, and ascending numbers as runs. <see
/// cref="WireReader"/> reads them.
/// </summary>
internal sealed class WireWriter(WireSetup setup)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    public WireSetup Setup => setup;

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void Number(ulong value)
    {
        var span = _bytes.GetSpan(10);
        var count = 0;
        for (; value >= 0x80; value >>= 7) span[count++] = (byte)(value | 0x80);
        span[count++] = (byte)value;
        _bytes.Advance(count);
    }

    public void Int(int value) => Long(value);

    /// <summary>Zigzag encoding: small numbers of either sign are short.</summary>
    public void Long(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    public void Bool(bool value) => Number(value ? 1UL : 0);

    public void Enum<T>(T value)
        where T : struct, System.Enum => Int(Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture));

    public void Text(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        Number((ulong)count);
        Encoding.UTF8.GetBytes(value, _bytes.GetSpan(count + 1));
        _bytes.Advance(count);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number((ulong)value.Length);
        _bytes.Write(value);
    }

    /// <summary>Includes the offset, which IMAP displays.</summary>
    public void Time(DateTimeOffset value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value.Ticks);
        _bytes.Advance(8);
        Int((int)value.Offset.TotalMinutes);
    }

    public void List<T>(IReadOnlyCollection<T> values, Action<T> write)
    {
        Number((ulong)values.Count);
        foreach (var value in values) write(value);
    }

    /// <summary>Writes null or the value.</summary>
    public void Maybe<T>(T? value, Action<T> write)
        where T : class
    {
        Bool(value is not null);
        if (value is not null) write(value);
    }

    public void MaybeValue<T>(T? value, Action<T> write)
        where T : struct
    {
        Bool(value is not null);
        if (value is { } present) write(present);
    }

    public void Pairs(IReadOnlyCollection<KeyValuePair<string, string>> pairs) => List(pairs, pair =>
    {
        Text(pair.Key);
        Text(pair.Value);
    });

    /// <summary>Writes runs of consecutive numbers: a folder of a hundred thousand messages with few removals takes a few octets.</summary>
    public void Numbers(ReadOnlySpan<uint> values)
    {
        Number((ulong)values.Length);
        var last = 0L;
        for (var i = 0; i < values.Length;)
        {
            var run = 1;
            while (i + run < values.Length && values[i + run] == values[i] + run) run++;
            Long(values[i] - last);
            Number((ulong)run);
            last = values[i + run - 1];
            i += run;
        }
    }

    public void Uids(IReadOnlyList<Uid> uids) => Numbers([.. uids.Select(static u => u.Value)]);

    public void UidSet(UidSet set) => List(set.Ranges, range =>
    {
        Number(range.First);
        Number(range.Last);
    });

    public void Account(AccountId account) => Long(account.Value);

    public void Address(EmailAddress address) => Text(address.ToString());

    public void Folder(FolderName folder) => Text(folder.Value);

    public void Flags(MessageFlags flags)
    {
        Number((ulong)flags.System);
        Text(flags.Keywords.ToString());
    }

    public void Spooled(SpooledMessage message)
    {
        Text(message.Id.Value);
        Long(message.Size);
        Bytes(message.Summary.Envelope.Span);
        Bytes(message.Summary.BodyStructure.Span);
        Bytes(message.Summary.Headers.Span);
        Bytes(message.Summary.Parts.Span);
        MaybeValue(message.Summary.SentDate, day => Int(day.DayNumber));
        Time(message.ReceivedAt);
    }

    public void Ref(IActorRef actor) => Text(Akka.Serialization.Serialization.SerializedActorPath(actor));

    /// <summary>Writes a message inside another message, with its own codec.</summary>
    public void Message(object message)
    {
        var form = WireCodecs.Of(message);
        Text(form.Manifest);
        form.Write(this, message);
    }
}
