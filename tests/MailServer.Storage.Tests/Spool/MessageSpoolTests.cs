using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;
using Microsoft.Extensions.Time.Testing;
using MessageSpool = MailServer.Storage.Spool.MessageSpool;

namespace MailServer.Storage.Tests.Spool;

public sealed class MessageSpoolTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "spool-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (System.IO.Directory.Exists(_directory)) System.IO.Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(5_000)]
    [InlineData(300_000)]
    public void Prefix_and_content_become_one_file(int length)
    {
        var spool = Open();
        var content = new byte[length];
        new Random(7).NextBytes(content);
        using var buffer = spool.Begin();
        foreach (var piece in content.Chunk(777)) buffer.Write(piece);
        Assert.Equal(length, buffer.Length);
        using (var before = buffer.OpenContent()) Assert.Equal(content, before.ReadRange(0, length + 1));

        var message = spool.Commit(buffer, "Received: x\r\n"u8);

        using var after = spool.Open(message.Id);
        Assert.Equal([.. "Received: x\r\n"u8, .. content], after.ReadRange(0, length + 100));
        Assert.Equal(length + 13, message.Size);
        Assert.StartsWith("Received: x\r\n", Encoding.Latin1.GetString(message.Summary.Headers.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_message_leaves_memory_and_no_temporary_file_remains()
    {
        var spool = Open();
        using (var buffer = spool.Begin())
        {
            for (var i = 0; i < 100; i++) buffer.Write(new byte[10_000]);
            Assert.Single(System.IO.Directory.GetFiles(Path.Combine(_directory, "tmp")));
            spool.Commit(buffer, default, durableName: true);
        }

        Assert.Empty(System.IO.Directory.GetFiles(Path.Combine(_directory, "tmp")));
        Assert.Single(spool.List());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1900)]
    [InlineData(1969)]
    [InlineData(2026)]
    [InlineData(9999)]
    public void Ids_begin_with_a_digit_in_any_year(int year)
    {
        var id = SpoolId.New(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero), 7, 9, "mx.example.org");
        Assert.Matches(@"^[0-9]+\.M[0-9]{6}P7Q9\.mx\.example\.org$", id.Value);
    }

    [Fact]
    public void Ids_differ_after_a_restart_even_if_the_clock_stands_still()
    {
        var time = new FakeTimeProvider();
        var ids = new HashSet<SpoolId>();
        for (var start = 0; start < 5; start++)
        {
            var spool = new MessageSpool(new SpoolOptions { Directory = _directory }, new TestMessageFormat(), time);
            for (var i = 0; i < 5; i++)
            {
                using var buffer = spool.Begin();
                Assert.True(ids.Add(spool.Commit(buffer, "a"u8).Id));
            }
        }

        Assert.Equal(25, ids.Count);
    }

    [Fact]
    public void A_removed_message_is_no_longer_listed()
    {
        var spool = Open();
        using var buffer = spool.Begin();
        var id = spool.Commit(buffer, "a"u8).Id;
        Assert.Equal([id], spool.List());
        spool.Remove(id);
        spool.Remove(id);
        Assert.Empty(spool.List());
        Assert.Throws<FileNotFoundException>(() => spool.Open(id));
    }

    [Fact]
    public void What_a_crash_left_in_tmp_is_removed_at_the_next_start()
    {
        var work = Path.Combine(Open().CreateWorkDirectory(), "mail");
        File.WriteAllText(Path.Combine(_directory, "tmp", "left"), "half");
        System.IO.Directory.CreateDirectory(work);
        File.WriteAllText(Path.Combine(work, "left"), "half");
        Open();
        Assert.Empty(System.IO.Directory.GetFileSystemEntries(Path.Combine(_directory, "tmp")));
    }

    [Fact]
    public void Content_written_in_any_pieces_is_read_back_unchanged() => Gen.Byte.Array[0, 9_000].List[0, 40].Sample(
        pieces =>
        {
            var spool = Open(64 * 1024);
            using var buffer = spool.Begin();
            foreach (var piece in pieces)
            {
                piece.CopyTo(buffer.GetSpan(piece.Length));
                buffer.Advance(piece.Length);
            }

            var message = spool.Commit(buffer, default);
            using var content = spool.Open(message.Id);
            return content.ReadRange(0, int.MaxValue / 2).AsSpan().SequenceEqual(pieces.SelectMany(p => p).ToArray());
        },
        iter: 30,
        threads: 1);

    private MessageSpool Open(int memory = 256 * 1024) => new(
        new SpoolOptions { Directory = _directory, Node = "a/b", Limits = Limits.Default with { MessageMemory = memory } }, new TestMessageFormat(), TimeProvider.System);
}
