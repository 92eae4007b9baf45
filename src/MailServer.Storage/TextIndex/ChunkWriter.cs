using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MailServer.Storage.TextIndex;

/// <summary>One chunk of a segment: its first term, and its content.</summary>
internal readonly record struct Chunk(uint First, byte[] Data);

/// <summary>
/// Writes the posting lists of a segment, ordered by term, into chunks that fit on a page of the database. A chunk begins with a checksum and the first term of the next chunk, so that
/// a lost one is noticed. For each term follow the distance to the one before, the number of its messages, and the messages: distances, or a bit for each message of the segment if that is shorter.
/// </summary>
internal sealed class ChunkWriter(int documents)
{
    public const int HeaderSize = Packing.ChecksumSize + 4;

    private const int FullSize = 3_600;

    private readonly List<Chunk> _chunks = [];
    private readonly List<byte> _data = [];
    private uint _first;
    private uint _head;

    /// <summary>Adds a term.</summary>
    /// <param name="term">Higher than all before.</param>
    /// <param name="messages">The numbers of its messages in the segment, ascending.</param>
    public void Add(ulong term, ReadOnlySpan<int> messages)
    {
        var head = Terms.HeadOf(term);
        if (_data.Count == 0) Begin();
        else if (_data.Count > FullSize && head != _head) Close(head);
        Packing.Write(_data, head - _head);
        if (Terms.IsWord(head)) WriteRest(term);
        _head = head;
        var size = messages.Length < documents / 64 ? 0 : SizeOf(messages);
        if (size > SizeOfBits(documents)) WriteBits(messages);
        else WriteDistances(messages);
    }

    public IReadOnlyList<Chunk> Finish()
    {
        if (_data.Count == 0) Begin();
        Close(Terms.End);
        return _chunks;
    }

    public static int SizeOfBits(int documents) => (documents + 7) / 8;

    private static int SizeOf(ReadOnlySpan<int> messages)
    {
        int size = 0, previous = -1;
        foreach (var message in messages)
        {
            size += Packing.SizeOf((ulong)(message - previous - 1));
            previous = message;
        }

        return size;
    }

    private void WriteDistances(ReadOnlySpan<int> messages)
    {
        Packing.Write(_data, (ulong)messages.Length << 1);
        var previous = -1;
        foreach (var message in messages)
        {
            Packing.Write(_data, (ulong)(message - previous - 1));
            previous = message;
        }
    }

    private void WriteBits(ReadOnlySpan<int> messages)
    {
        Packing.Write(_data, ((ulong)messages.Length << 1) | 1);
        var start = _data.Count;
        CollectionsMarshal.SetCount(_data, start + SizeOfBits(documents));
        var bits = CollectionsMarshal.AsSpan(_data)[start..];
        bits.Clear();
        foreach (var message in messages) bits[message >> 3] |= (byte)(1 << (message & 7));
    }

    private void WriteRest(ulong term)
    {
        for (var shift = 0; shift < Terms.RestBits; shift += 8) _data.Add((byte)(term >> shift));
    }

    private void Begin() => CollectionsMarshal.SetCount(_data, HeaderSize);

    private void Close(uint next)
    {
        var data = _data.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(Packing.ChecksumSize), next);
        Packing.Seal(data);
        _chunks.Add(new Chunk(_first, data));
        _data.Clear();
        (_first, _head) = (next, next);
        if (next < Terms.End) Begin();
    }
}
