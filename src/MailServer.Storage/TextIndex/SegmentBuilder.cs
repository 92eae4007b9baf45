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

    /// <summary>The upper bits of a term and a message, in the order in which they are written.</summary>
    private readonly List<ulong> _postings = [];
    private readonly List<ulong> _words = [];
    private readonly List<int> _messagesOfWords = [];
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
            foreach (var word in grams.Words)
            {
                _words.Add(Terms.OfWord(word));
                _messagesOfWords.Add(number);
            }
        }
        else
        {
            _partial.Add(number);
        }
    }

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
            writer.Add(term << Terms.RestBits, CollectionsMarshal.AsSpan(messages));
        }

        AddWords(writer, messages);
        var chunks = writer.Finish();
        return (new Segment(id, [.. _keys], [.. _partial], chunks.Sum(static c => (long)c.Data.Length)), chunks);
    }

    private void AddWords(ChunkWriter writer, List<int> messages)
    {
        CollectionsMarshal.AsSpan(_words).Sort(CollectionsMarshal.AsSpan(_messagesOfWords));
        for (var i = 0; i < _words.Count;)
        {
            var term = _words[i];
            messages.Clear();
            for (; i < _words.Count && _words[i] == term; i++) messages.Add(_messagesOfWords[i]);
            if (messages.Count > 1) messages.Sort();
            writer.Add(term, CollectionsMarshal.AsSpan(messages));
        }
    }

    private void Add(SearchScope scope, int number, GramSet grams)
    {
        foreach (var gram in grams.Of(scope)) _postings.Add(((ulong)Terms.HeadOf(Terms.OfGram(scope, gram)) << NumberBits) | (uint)number);
    }
}
