using System.Buffers;
using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Messages;

public sealed class HeaderFieldsTests
{
    private const string Section =
        "From: a@example.com\r\nSubject: one\r\n\ttwo\r\nno colon here\r\nTo : b@example.com\r\nsubject: three\r\n\r\nSubject: body\r\n";

    [Fact]
    public void Fields_keep_their_folded_lines_and_end_at_the_blank_line()
    {
        var names = new List<string>();
        var raw = new StringBuilder();
        foreach (var field in HeaderFields.Enumerate(Encoding.ASCII.GetBytes(Section)))
        {
            names.Add(Encoding.ASCII.GetString(field.Name));
            raw.Append(Encoding.ASCII.GetString(field.Raw));
        }

        Assert.Equal(["From", "Subject", "", "To", "subject"], names);
        Assert.Equal(Section[..(Section.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 2)], raw.ToString());
    }

    [Fact]
    public void The_first_field_of_a_name_is_found_in_any_case()
    {
        Assert.True(HeaderFields.TryFind(Encoding.ASCII.GetBytes(Section), "SUBJECT"u8, out var field));
        Assert.Equal("one\r\n\ttwo", Encoding.ASCII.GetString(field.Value));
        Assert.False(HeaderFields.TryFind(Encoding.ASCII.GetBytes(Section), "Cc"u8, out _));
    }

    [Theory]
    [InlineData(false, "Subject: one\r\n\ttwo\r\nsubject: three\r\n\r\n")]
    [InlineData(true, "From: a@example.com\r\nno colon here\r\nTo : b@example.com\r\n\r\n")]
    public void Filter_keeps_or_drops_the_named_fields(bool not, string expected) => Assert.Equal(expected, Filter(Section, ["SUBJECT"], not));

    [Theory]
    [InlineData("", "\r\n")]
    [InlineData("\r\n", "\r\n")]
    [InlineData("A: 1", "A: 1\r\n\r\n")]
    [InlineData("A: 1\nB: 2\n x\n\nbody", "A: 1\nB: 2\n x\n\r\n")]
    [InlineData(" folded from nothing\r\nA: 1\r\n", " folded from nothing\r\nA: 1\r\n\r\n")]
    public void Malformed_sections_are_parsed_to_their_end(string section, string expected) => Assert.Equal(expected, Filter(section, ["X"], not: true));

    [Theory]
    [InlineData("from", true)]
    [InlineData("LIST-UNSUBSCRIBE-POST", true)]
    [InlineData("Content-Type", true)]
    [InlineData("Received", false)]
    [InlineData("Content-MD5", false)]
    [InlineData("", false)]
    [InlineData("Frøm", false)]
    public void Fields_that_clients_show_in_lists_are_cached(string name, bool cached) => Assert.Equal(cached, CachedHeaders.Contains(name));

    private static string Filter(string section, string[] names, bool not)
    {
        var output = new ArrayBufferWriter<byte>();
        HeaderFields.Filter(Encoding.ASCII.GetBytes(section), names, not, output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
