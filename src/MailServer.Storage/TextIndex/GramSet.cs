using MailServer.Domain.Messages;

namespace MailServer.Storage.TextIndex;

/// <summary>Collects the distinct grams of a message, up to a bound. Used for many messages, one after the other.</summary>
/// <param name="maxText">Maximum number of characters of a message.</param>
/// <param name="maxGrams">Maximum number of distinct grams of each part of a message.</param>
/// <param name="key">The key of the hashes of words.</param>
internal sealed class GramSet(long maxText, int maxGrams, ulong key) : ISearchTextReceiver, IDisposable
{
    // Two megabytes, which are used again by the next.
    private static ulong[]? Spare;

    private readonly ulong[] _seen = Interlocked.Exchange(ref Spare, null) ?? new ulong[(1 << Grams.Bits) / 64];
    private readonly List<uint>[] _grams = [[], []];
    private readonly HashSet<ulong> _words = [];
    private SearchScope _scope;
    private long _length;

    public IReadOnlyList<uint> Of(SearchScope scope) => _grams[(int)scope];

    /// <summary>The hashes of the words of the body, up to a bound.</summary>
    public IReadOnlyCollection<ulong> Words => _words;

    public void Clear()
    {
        _words.Clear();
        Forget();
        foreach (var grams in _grams) grams.Clear();
        (_scope, _length) = (SearchScope.Header, 0);
    }

    public bool Receive(SearchScope scope, ReadOnlySpan<char> folded)
    {
        if (scope != _scope) Forget();
        _scope = scope;
        _length += folded.Length;
        if (_length > maxText) return false;
        var grams = _grams[(int)scope];
        for (var i = 0; i + 1 < folded.Length; i++)
        {
            if (Grams.OfPair(folded[i], folded[i + 1]) is { } pair) Add(grams, pair);
            if (i + 2 < folded.Length) Add(grams, Grams.Of(folded[i], folded[i + 1], folded[i + 2]));
        }

        if (scope == SearchScope.Body) AddWords(folded);
        return grams.Count <= maxGrams;
    }

    public void Dispose()
    {
        Clear();
        Spare = _seen;
    }

    private void AddWords(ReadOnlySpan<char> folded)
    {
        for (var at = 0; _words.Count < maxGrams / 8 && TextIndex.Words.TryNext(folded, ref at, out var word);) _words.Add(TextIndex.Words.Hash(word, key));
    }

    private void Add(List<uint> grams, uint gram)
    {
        ref var word = ref _seen[gram >> 6];
        var bit = 1UL << (int)(gram & 63);
        if ((word & bit) != 0) return;
        word |= bit;
        grams.Add(gram);
    }

    private void Forget()
    {
        foreach (var gram in _grams[(int)_scope]) _seen[gram >> 6] = 0;
    }
}
