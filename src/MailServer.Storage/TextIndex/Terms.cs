using MailServer.Domain.Messages;

namespace MailServer.Storage.TextIndex;

/// <summary>
/// What posting lists are about: a gram in a part of the messages, or a word in their bodies. The upper bits of a term select its chunk; the lower ones, which only words have, distinguish those that share them.
/// </summary>
internal static class Terms
{
    /// <summary>The lower bits.</summary>
    public const int RestBits = 32;

    /// <summary>The upper bits of all terms are below this number.</summary>
    public const uint End = 1u << HeadBits;

    /// <summary>The number of upper bits.</summary>
    public const int HeadBits = Grams.Bits + 2;

    private const uint FirstWord = 2u << Grams.Bits;

    public static ulong OfGram(SearchScope scope, uint gram) => (ulong)(((uint)scope << Grams.Bits) | gram) << RestBits;

    public static ulong OfWord(ulong hash) => ((ulong)FirstWord << RestBits) | (hash >> (64 - Grams.Bits - RestBits));

    public static uint HeadOf(ulong term) => (uint)(term >> RestBits);

    public static bool IsWord(uint head) => head >= FirstWord;
}
