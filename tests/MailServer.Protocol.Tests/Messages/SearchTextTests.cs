using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>Searches compare by i;unicode-casemap, which folds with tables.</summary>
public sealed class SearchTextTests
{
    private static readonly string[] Pieces =
        ["a", "A", "e", "E", "s", " ", "1", "é", "É", "e\u0301", "E\u0301", "a\u0323\u0301", "a\u0301\u0323", "\u0301", "ß", "ẞ", "σ", "ς", "Σ", "ﬁ", "fi", "FI", "Å", "\u212b", "A\u030a", "ǅ", "日", "本", "한", "\u1112\u1161\u11ab", "😀", "Ａ", "\ufffe", "\ufdfa"];

    [Theory]
    [InlineData("Ko\u0308ln", "KÖLN", true)]
    [InlineData("Köln", "ko\u0308ln", true)]
    [InlineData("aus Köln am", "Kölner", false)]
    [InlineData("Köln", "koln", false)]
    [InlineData("Köln", "Ko", true)]
    [InlineData("résumé", "resume", false)]
    [InlineData("café", "cafe", true)]
    [InlineData("ﬁnd", "FIND", true)]
    [InlineData("find", "ﬁnd", true)]
    [InlineData("\u212bngström", "ångström", true)]
    [InlineData("", "é", false)]
    [InlineData("e", "é", false)]
    public void Texts_are_compared_by_unicode_casemap(string text, string wanted, bool expected) => Assert.Equal(expected, new SearchText(wanted).IsIn(text));

    [Fact]
    public void Any_text_is_folded_like_its_normal_form()
    {
        var random = new Random(5051);
        for (var round = 0; round < 20_000; round++) AssertFolds(Text(random, random.Next(0, 12)));
        for (var first = 0; first <= char.MaxValue; first++)
        {
            if (!char.IsSurrogate((char)first) && first < 0xfffe) AssertFolds($"x{(char)first}x");
        }
    }

    [Fact]
    public void A_text_is_found_where_its_folded_form_is()
    {
        var random = new Random(5051);
        var found = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var (text, wanted) = (Text(random, random.Next(0, 12)), Text(random, random.Next(1, 4)));
            var expected = UnicodeCasemap.Fold(text).Contains(UnicodeCasemap.Fold(wanted), StringComparison.Ordinal);
            if (expected != new SearchText(wanted).IsIn(text)) Assert.Fail($"'{wanted}' in '{text}' ({Escaped(wanted)} in {Escaped(text)}): expected {expected}");
            if (expected) found++;
        }

        Assert.True(found > 1_000, $"{found} found");
    }

    [Theory]
    [InlineData("\ud83d")]
    [InlineData("\ude00x")]
    [InlineData("\ufffe\uffff")]
    public void What_is_no_character_is_replaced(string text) => Assert.Equal(text.Replace('\ud83d', '\ufffd').Replace('\ude00', '\ufffd').Replace('\ufffe', '\ufffd').Replace('\uffff', '\ufffd').ToUpperInvariant(), UnicodeCasemap.Fold(text));

    [Fact]
    public void A_million_combining_marks_take_linear_work() => Assert.False(new SearchText("x").IsIn("e" + new string('\u0301', 1_000_000) + new string('\u0323', 1_000_000)));

    private static void AssertFolds(string text)
    {
        var expected = text.Replace('\ufffe', '\ufffd').Normalize(NormalizationForm.FormKD).ToUpperInvariant().Normalize(NormalizationForm.FormKD);
        if (expected != UnicodeCasemap.Fold(text)) Assert.Fail($"{Escaped(text)}: {Escaped(UnicodeCasemap.Fold(text))} instead of {Escaped(expected)}");
    }

    private static string Text(Random random, int pieces) => string.Concat(Enumerable.Range(0, pieces).Select(_ => Pieces[random.Next(Pieces.Length)]));

    private static string Escaped(string text) => string.Concat(text.Select(static c => c is > ' ' and < '\x7f' ? $"{c}" : $"\\u{(int)c:x4}"));
}
