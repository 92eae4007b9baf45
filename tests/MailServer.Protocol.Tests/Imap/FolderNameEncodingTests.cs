using System.Text;
using CsCheck;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Tests.Imap;

public class FolderNameEncodingTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Char[' ', '~'].Select(c => c.ToString()),
        Gen.Int[0xa0, 0xd7ff].Select(char.ConvertFromUtf32),
        Gen.Int[0x10000, 0x10ffff].Select(char.ConvertFromUtf32),
        Gen.OneOfConst("&", "&-", "-", "/", "ü")).Array[0, 20].Select(string.Concat);

    [Fact]
    public void Folder_name_survives_modified_utf7() => Texts.Sample(text =>
    {
        var wire = ModifiedUtf7.Encode(text);
        Assert.DoesNotContain(wire, c => c is < ' ' or > '~');
        Assert.True(ModifiedUtf7.TryDecode(Encoding.ASCII.GetBytes(wire), out var read));
        Assert.Equal(text, read);
    });

    [Fact]
    public void A_decoded_name_has_exactly_one_encoding() => Gen.Char["&AOk-,aZ9+é "].Array[0, 12].Select(c => new string(c)).Sample(wire =>
    {
        if (ModifiedUtf7.TryDecode(Encoding.Latin1.GetBytes(wire), out var text)) Assert.Equal(wire, ModifiedUtf7.Encode(text));
    }, iter: 20_000);

    [Theory]
    [InlineData("Entw&APw-rfe", "Entwürfe")]
    [InlineData("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語")]
    [InlineData("A&-B", "A&B")]
    [InlineData("&2D3eAA-", "😀")]
    public void The_examples_are_decoded(string wire, string text)
    {
        Assert.True(ModifiedUtf7.TryDecode(Encoding.ASCII.GetBytes(wire), out var read));
        Assert.Equal(text, read);
        Assert.Equal(wire, ModifiedUtf7.Encode(text));
    }

    [Theory]
    [InlineData("&")]
    [InlineData("&APw")]
    [InlineData("&AGE-")] // an a
    [InlineData("&APx-")] // bits behind the last
    [InlineData("&APw-&APw-")] // two shifts in a row
    [InlineData("&2D0-")] // half of a pair
    [InlineData("&AP/w-")]
    [InlineData("ü")]
    public void A_noncanonical_encoding_of_a_name_is_refused(string wire) => Assert.False(ModifiedUtf7.TryDecode(Encoding.UTF8.GetBytes(wire), out _));

    [Fact]
    public void Wildcards_match_as_in_the_reference_implementation() =>
        Gen.Select(Gen.Char["ab/*%"].Array[0, 10], Gen.Char["ab/"].Array[0, 12]).Sample((p, n) =>
        {
            var (pattern, name) = (new string(p), new string(n));
            Assert.Equal(Matches(pattern, name), new ListPattern(pattern).Matches(name));
        }, iter: 50_000);

    [Fact]
    public void A_pattern_of_many_wildcards_matches_in_linear_time()
    {
        var pattern = new ListPattern(string.Concat(Enumerable.Repeat("*a%b", 200)) + "c");
        var started = TimeProvider.System.GetTimestamp();
        Assert.False(pattern.Matches(new string('a', 900)));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 1);
    }

    [Fact]
    public void Inbox_matches_in_any_case()
    {
        Assert.True(new ListPattern("in%X").Matches(FolderName.Inbox));
        Assert.False(new ListPattern("sent").Matches(FolderName.Parse("Sent")));
    }

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty) return name.IsEmpty;
        if (pattern[0] is not ('*' or '%')) return !name.IsEmpty && pattern[0] == name[0] && Matches(pattern[1..], name[1..]);
        for (var taken = 0; taken <= name.Length; taken++)
        {
            if (Matches(pattern[1..], name[taken..])) return true;
            if (taken < name.Length && pattern[0] == '%' && name[taken] == '/') return false;
        }

        return false;
    }
}
