using System.Buffers.Binary;

namespace MailServer.Storage.TextIndex;

/// <summary>Reads the terms of one chunk in their order.</summary>
internal sealed class ChunkReader
{
    private readonly byte[] _data;
    private readonly int _documents;
    private int _at = ChunkWriter.HeaderSize;
    private int _count;
    private bool _isBits;
    private bool _isPending;
    private uint _head;

    /// <exception cref="InvalidDataException">The chunk is damaged.</exception>
    public ChunkReader(byte[] data, uint first, int documents)
    {
        Packing.Verify(data);
        if (data.Length < ChunkWriter.HeaderSize) throw new InvalidDataException("a chunk is cut off");
        (_data, _documents, _head) = (data, documents, first);
        Next = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(Packing.ChecksumSize));
    }

    /// <summary>The upper bits of the first term of the next chunk.</summary>
    public uint Next { get; }

    /// <summary>The current term.</summary>
    public ulong Term { get; private set; }

    public bool MoveNext()
    {
        if (_isPending) Skip();
        if (_at >= _data.Length) return false;
        _head += (uint)Packing.Read(_data, ref _at);
        Term = ((ulong)_head << Terms.RestBits) | (Terms.IsWord(_head) ? ReadRest() : 0);
        var count = Packing.Read(_data, ref _at);
        (_count, _isBits, _isPending) = ((int)(count >> 1), (count & 1) != 0, true);
        if (_count > _documents) throw new InvalidDataException("a chunk has more messages than its segment");
        return true;
    }

    /// <summary>Sets a bit for each message of the current term.</summary>
    public void ReadInto(Span<ulong> bits)
    {
        _isPending = false;
        if (_isBits)
        {
            var source = Bits();
            for (var i = 0; i < source.Length; i++) bits[i >> 3] |= (ulong)source[i] << ((i & 7) * 8);
            return;
        }

        var message = -1;
        for (var i = 0; i < _count; i++)
        {
            message = NextMessage(message);
            bits[message >> 6] |= 1UL << (message & 63);
        }
    }

    /// <summary>Adds the messages of the current term to a list.</summary>
    public void ReadInto(List<int> messages)
    {
        _isPending = false;
        if (_isBits)
        {
            var source = Bits();
            for (var i = 0; i < source.Length * 8; i++)
            {
                if ((source[i >> 3] & (1 << (i & 7))) != 0) messages.Add(i);
            }

            return;
        }

        var message = -1;
        for (var i = 0; i < _count; i++) messages.Add(message = NextMessage(message));
    }

    private ulong ReadRest()
    {
        const int size = Terms.RestBits / 8;
        if (_at + size > _data.Length) throw new InvalidDataException("a chunk is cut off");
        var rest = 0UL;
        for (var i = 0; i < size; i++) rest |= (ulong)_data[_at++] << (i * 8);
        return rest;
    }

    private void Skip()
    {
        _isPending = false;
        if (_isBits) Bits();
        else for (var i = 0; i < _count; i++) Packing.Read(_data, ref _at);
    }

    private ReadOnlySpan<byte> Bits()
    {
        var size = ChunkWriter.SizeOfBits(_documents);
        if (_at + size > _data.Length) throw new InvalidDataException("a chunk is cut off");
        _at += size;
        return _data.AsSpan(_at - size, size);
    }

    private int NextMessage(int previous)
    {
        var distance = Packing.Read(_data, ref _at);
        if (distance >= (ulong)(_documents - previous - 1)) throw new InvalidDataException("a chunk names a message that its segment does not have");
        return previous + 1 + (int)distance;
    }
}
