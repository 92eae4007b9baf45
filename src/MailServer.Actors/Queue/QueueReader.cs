using System.Text;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Queue;

/// <summary>Reads the format of <see cref="QueueWriter"/>.</summary>
internal sealed class QueueReader(byte[] bytes) : IDisposable
{
    private readonly BinaryReader _reader = new(new MemoryStream(bytes, writable: false), Encoding.UTF8);

    public void Dispose() => _reader.Dispose();

    public int ReadInt() => _reader.Read7BitEncodedInt();

    public bool ReadBool() => _reader.ReadBoolean();

    public SpoolId ReadSpoolId() => SpoolId.TryParse(_reader.ReadString(), out var id) ? id : throw new InvalidDataException("invalid spool id");

    public DateTimeOffset ReadTime() => new(_reader.ReadInt64(), TimeSpan.Zero);

    public IReadOnlyList<T> ReadList<T>(Func<T> read)
    {
        var list = new T[ReadInt()];
        for (var i = 0; i < list.Length; i++) list[i] = read();
        return list;
    }

    public QueueEvent.Attempted ReadAttempted() => new(ReadSpoolId(), ReadTime(), _reader.ReadString(), _reader.ReadString(), ReadList(ReadResult));

    public byte[] ReadPacked() => _reader.ReadBytes(ReadInt());

    public QueueItem ReadItem()
    {
        var item = new QueueItem
        {
            Message = ReadSpoolId(),
            MessageId = ReadOptional(),
            Sender = ReadOptional() is { } sender ? EmailAddress.Parse(sender) : null,
            QueuedAt = ReadTime(),
            Size = _reader.Read7BitEncodedInt64(),
            PrefixLength = ReadInt(),
            EightBit = false,
            SmtpUtf8 = false,
            Recipients = [],
        };
        var flags = ReadInt();
        return item with
        {
            EightBit = (flags & 1) != 0,
            SmtpUtf8 = (flags & 2) != 0,
            IsHeld = (flags & 4) != 0,
            Return = (DsnReturn)ReadInt(),
            EnvelopeId = ReadOptional(),
            RequireTls = (flags & 8) != 0,
            TlsOptional = (flags & 16) != 0,
            DeliverBy = (flags & 32) == 0 ? null : ReadDeliverBy(),
            Priority = (flags & 64) == 0 ? 0 : ReadInt() - QueueWriter.PriorityShift,
            HoldUntil = (flags & 128) == 0 ? null : ReadTime(),
            Recipients = ReadList(ReadRecipient),
        };
    }

    private QueueRecipient ReadRecipient()
    {
        var recipient = new QueueRecipient
        {
            Address = EmailAddress.Parse(_reader.ReadString()),
            Notify = (DsnNotify)ReadInt(),
            OriginalRecipient = ReadOptional(),
            State = (RecipientState)ReadInt(),
            Attempts = ReadInt(),
            NextAttempt = ReadTime(),
        };
        var flags = ReadInt();
        return recipient with
        {
            DsnPending = (flags & 1) != 0,
            DelayNotified = (flags & 2) != 0,
            Quarantined = (flags & 16) != 0,
            Mailbox = (flags & 8) == 0 ? null : new AccountId(_reader.Read7BitEncodedInt64()),
            LastAttempt = (flags & 4) == 0 ? null : new DeliveryAttempt(ReadTime(), _reader.ReadString(), _reader.ReadString(), ReadReply()),
        };
    }

    private DeliverBy ReadDeliverBy()
    {
        var deadline = ReadTime();
        var flags = ReadInt();
        return new DeliverBy(deadline, (flags & 1) != 0, (flags & 2) != 0);
    }

    private AttemptResult ReadResult() => new(ReadInt(), (RecipientState)ReadInt(), ReadReply(), ReadTime(), ReadBool());

    private SmtpReply ReadReply() => new(ReadInt(), _reader.ReadString(), _reader.ReadString());

    private string? ReadOptional() => ReadBool() ? _reader.ReadString() : null;
}
