using System.Buffers.Binary;
using System.Text;
using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Serialization;

/// <summary>Reads the format of <see cref="WireWriter"/>. Rejects truncated values and lengths beyond the end of the message.</summary>
internal sealed class WireReader(ReadOnlyMemory<byte> bytes, WireSetup setup, ExtendedActorSystem system)
{
    private int _at;

    public WireSetup Setup => setup;

    /// <summary>True when there is no more data, because an older version wrote fewer fields.</summary>
    public bool AtEnd => _at >= bytes.Length;

    public ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var octet = Take(1)[0];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80) return value;
        }

        throw new InvalidDataException("invalid message between nodes: a number is too long");
    }

    public int Int() => checked((int)Long());

    public long Long()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public bool Bool() => Number() != 0;

    public T Enum<T>()
        where T : struct, System.Enum => (T)System.Enum.ToObject(typeof(T), Int());

    public string Text() => Encoding.UTF8.GetString(Take(Count(1)));

    public ReadOnlyMemory<byte> Bytes()
    {
        var count = Count(1);
        var found = bytes.Slice(_at, count);
        _at += count;
        return found;
    }

    public DateTimeOffset Time()
    {
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
        return new DateTimeOffset(ticks, TimeSpan.FromMinutes(Int()));
    }

    public T[] List<T>(Func<T> read)
    {
        var values = new T[Count(1)];
        for (var i = 0; i < values.Length; i++) values[i] = read();
        return values;
    }

    public T? Maybe<T>(Func<T> read)
        where T : class => Bool() ? read() : null;

    public T? MaybeValue<T>(Func<T> read)
        where T : struct => Bool() ? read() : null;

    public KeyValuePair<string, string>[] Pairs() => List(() => KeyValuePair.Create(Text(), Text()));

    public uint[] Numbers()
    {
        var count = Number();
        // A run of consecutive numbers is short whatever its length; its bound is the capacity of a folder.
        if (count > int.MaxValue / 8) throw new InvalidDataException("invalid message between nodes: a list is too long");
        var values = new uint[count];
        var last = 0L;
        for (var i = 0; i < values.Length;)
        {
            last += Long();
            var run = Number();
            if (run == 0 || run > (ulong)(values.Length - i)) throw new InvalidDataException("invalid message between nodes: a run is too long");
            for (var end = i + (int)run; i < end; i++) values[i] = checked((uint)last++);
            last--;
        }

        return values;
    }

    public IReadOnlyList<Uid> Uids() => [.. Numbers().Select(static u => new Uid(u))];

    public UidSet UidSet() => Domain.Mailboxes.UidSet.Of(List(() => ((uint)Number(), (uint)Number())));

    public AccountId Account() => new(Long());

    public EmailAddress Address() => EmailAddress.Parse(Text());

    public FolderName Folder() => FolderName.Parse(Text());

    public MessageFlags Flags() => new((SystemFlags)Number(), KeywordSet.FromStorage(Text()));

    public SpoolId SpoolName() => SpoolId.TryParse(Text(), out var id) ? id : throw new InvalidDataException("invalid message between nodes: invalid spool id");

    public SpooledMessage Spooled()
    {
        var id = SpoolName();
        var size = Long();
        var summary = new MessageSummary
        {
            Envelope = Bytes(),
            BodyStructure = Bytes(),
            Headers = Bytes(),
            Parts = Bytes(),
            SentDate = MaybeValue(() => DateOnly.FromDayNumber(Int())),
        };
        return new SpooledMessage(id, size, summary, Time());
    }

    public IActorRef Ref() => system.Provider.ResolveActorRef(Text());

    public T Message<T>() => (T)WireCodecs.Of(Text()).Read(this);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - _at) throw new InvalidDataException("invalid message between nodes: it is truncated");
        var found = bytes.Span.Slice(_at, count);
        _at += count;
        return found;
    }

    /// <summary>
    /// Reads the number of elements, each of which takes at least <paramref name="octets"/>, so that nothing is allocated for more elements than the
    /// message can contain.
    /// </summary>
    private int Count(int octets)
    {
        var count = Number();
        if (count * (ulong)octets > (ulong)(bytes.Length - _at)) throw new InvalidDataException("invalid message between nodes: a list is longer than the message");
        return (int)count;
    }
}
