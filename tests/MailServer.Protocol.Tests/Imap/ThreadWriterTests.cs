using System.Buffers;
using System.Text;
using MailServer.Domain.Ordering;
using MailServer.Protocol.Imap.Searching;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Tests.Imap;

public class ThreadWriterTests
{
    [Fact]
    public void No_threads_are_an_empty_response() => Assert.Equal("* THREAD\r\n", Write());

    // The examples of RFC 5256 §4.
    [Fact]
    public void A_thread_is_divided_where_a_message_has_several_replies() => Assert.Equal(
        "* THREAD (2)(3 6 (4 23)(44 7 96))\r\n", Write((2, 0), (3, 0), (6, 1), (4, 2), (23, 3), (44, 2), (7, 3), (96, 4)));

    [Fact]
    public void A_missing_parent_has_no_number() => Assert.Equal("* THREAD ((3)(5))\r\n", Write((0, 0), (3, 1), (5, 1)));

    [Fact]
    public void Children_of_a_missing_parent_may_have_replies() => Assert.Equal("* THREAD ((3 4)(5 (6)(7)))(8)\r\n", Write((0, 0), (3, 1), (4, 2), (5, 1), (6, 2), (7, 2), (8, 0)));

    [Fact]
    public void A_deep_thread_is_written()
    {
        const int Depth = 100_000;
        var text = Write([.. Enumerable.Range(0, Depth).Select(i => ((uint)i + 1, i))]);
        Assert.StartsWith("* THREAD (1 2 3 ", text, StringComparison.Ordinal);
        Assert.EndsWith(" 100000)\r\n", text, StringComparison.Ordinal);
    }

    private static string Write(params (uint Number, int Depth)[] members)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ImapWriter(output);
        ThreadWriter.Write(ref writer, [.. members.Select(m => new ThreadMember(m.Number, m.Depth))]);
        writer.Commit();
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
