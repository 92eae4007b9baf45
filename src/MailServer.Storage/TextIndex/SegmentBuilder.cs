using System.Runtime.InteropServices;
using MailServer.Domain.Messages;

namespace MailServer.Storage.TextIndex;

/// <summary>Gathers the grams of some messages and writes them as the posting lists of a new segment.</summary>
internal sealed class SegmentBuilder
{
    /// <summary>Bits for the number of a message in its segment.</summary>
    private const int NumberBits = 14;

    /// <summary>Maximum number of messages in a segment.</summary>
    public const int MaxMessages = 1 << NumberBits;

    /// <summary>A term and a message, in the order in which they are written.</summary>
    private readonly List<ulong> _postings = [];
    private readonly List<long> _keys = [];
    private readonly List<int> _partial = [];

    public int Count => _keys.Count;

    /// <summary>Adds a message.</summary>
    /// <param name="key">The key of the message.</param>
    /// <param name="grams">Its grams.</param>
    /// <param name="isComplete">False if the message may contain other texts, too.</param>
    public void Add(long key, GramSet grams, bool isComplete)
    {
        var number = _keys.Count;
        _keys.Add(key);
        if (isComplete)
        {
            Add(SearchScope.Header, number, grams);
            Add(SearchScope.Body, number, grams);
        }
        else
        {
            _partial.Add(number);
        }
    }

    /// <summary>The term of a gram in a part of the messages.</summary>
    public static uint TermOf(SearchScope scope, uint gram) => ((uint)scope << Grams.Bits) | gram;

    public (Segment Segment, IReadOnlyList<Chunk> Chunks) Build(long id)
    {
        _postings.Sort();
        var writer = new ChunkWriter(_keys.Count);
        var messages = new List<int>();
        for (var i = 0; i < _postings.Count;)
        {
            var term = _postings[i] >> NumberBits;
            messages.Clear();
            for (; i < _postings.Count && _postings[i] >> NumberBits == term; i++) messages.Add((int)(_postings[i] & (MaxMessages - 1)));
            writer.Add((uint)term, CollectionsMarshal.AsSpan(messages));
        }

        var chunks = writer.Finish();
        return (new Segment(id, [.. _keys], [.. _partial], chunks.Sum(static c => (long)c.Data.Length)), chunks);
    }

    private void Add(SearchScope scope, int number, GramSet grams)
    {
        foreach (var gram in grams.Of(scope)) _postings.Add(((ulong)TermOf(scope, gram) << NumberBits) | (uint)number);
    }
}
