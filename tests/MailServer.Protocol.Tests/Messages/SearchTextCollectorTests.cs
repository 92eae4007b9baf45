using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>What an index gets of a message is never less than what a search finds in it.</summary>
public sealed class SearchTextCollectorTests
{
    private const int Gram = 3;

    private static readonly Gen<string> Word = Gen.OneOfConst(
        "text", "Straße", "=?utf-8?B?w6RiYw==?=", "äbc", "a\u0308bc", "ＡＢＣ", "ﬁne", "会議です", "한국어", "😀😀x", "\u212Aelvin", "ıab", "e\u0301\u0323\u0302x", "İx", "<a@b.c>", "(note)", "\"q\\\"s\"", "filename*=utf-8''%C3%A4bc.txt",
        "=C3=A4bc", "needle", " ", "\r\n ", "--b", "x");

    private static readonly Gen<string> Message = Gen.Select(
        Gen.OneOfConst("Subject", "From", "To", "X-Other", "Content-Disposition", "Received").Array[0, 4], Word.Array[0, 30],
        Gen.OneOfConst("", "Content-Transfer-Encoding: quoted-printable\r\n", "Content-Type: text/html; charset=utf-8\r\n", "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n", "Content-Type: text/plain; charset=iso-8859-1\r\n"),
        Word.Array[0, 60], Gen.Int[0, 3]).Select(static (fields, words, type, body, glue) =>
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < fields.Length; i++) text.Append(fields[i]).Append(": ").AppendJoin(i % 2 == 0 ? " " : "", words.Skip(i * 7).Take(7)).Append("\r\n");
        return text.Append(type).Append("\r\n").AppendJoin(glue switch { 0 => " ", 1 => "", _ => "\r\n" }, body).ToString();
    });

    [Fact]
    public void Every_three_characters_of_a_text_that_is_found_are_together_in_a_piece() => Gen.Select(Gen.OneOf(Message, RandomMessageTests.AnyMessage), Word, Word, Gen.Int[0, 5], Gen.Int[Gram, 12], Gen.Int[1, 200]).Sample(
        static (message, first, second, start, length, window) =>
        {
            var octets = System.Text.Encoding.UTF8.GetBytes(message);
            var format = new MessageFormat(Limits.Default, window);
            var pieces = new Pieces();
            var isComplete = format.ReadSearchText(new InMemoryContent(octets), pieces);
            var all = first + second;
            foreach (var text in new[] { first, all[Math.Min(start, all.Length)..Math.Min(all.Length, start + length)] })
            {
                var folded = format.FoldForSearch(text);
                if (folded.Length < Gram || !isComplete) continue;
                bool Has(SearchScope scope) => Enumerable.Range(0, folded.Length - Gram + 1).All(i => pieces.Of(scope).Any(piece => piece.Contains(folded.Substring(i, Gram), StringComparison.Ordinal)));
                if (format.TextContains(new InMemoryContent(octets), text, includeHeader: false)) Assert.True(Has(SearchScope.Body), $"body: {text}");
                if (format.TextContains(new InMemoryContent(octets), text, includeHeader: true)) Assert.True(Has(SearchScope.Header) || Has(SearchScope.Body), $"text: {text}");
                foreach (var field in new[] { "Subject", "From", "To", "X-Other" })
                    if (format.HeaderContains(octets, field, text)) Assert.True(Has(SearchScope.Header), $"{field}: {text}");
            }
        },
        iter: 3_000);

    [Fact]
    public void A_receiver_may_stop()
    {
        var pieces = new Pieces { Most = 2 };
        Assert.False(MessageTexts.Format.ReadSearchText(new InMemoryContent("Subject: a\r\nTo: b\r\n\r\nbody"u8.ToArray()), pieces));
        Assert.Equal(2, pieces.Count);
    }

    private sealed class Pieces : ISearchTextReceiver
    {
        private readonly List<(SearchScope Scope, string Text)> _pieces = [];

        public int Most { get; init; } = int.MaxValue;

        public int Count => _pieces.Count;

        public IEnumerable<string> Of(SearchScope scope) => _pieces.Where(p => p.Scope == scope).Select(static p => p.Text);

        public bool Receive(SearchScope scope, ReadOnlySpan<char> folded)
        {
            _pieces.Add((scope, folded.ToString()));
            return _pieces.Count < Most;
        }
    }
}
