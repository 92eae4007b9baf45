using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MimeKit;

namespace MailServer.Protocol.Tests.Messages;

/// <summary>The unusual messages of the public collection (<c>shared/conformance/mime</c>), which is next to the repository or named by MAILSERVER_SHARED.</summary>
public sealed class ConformanceMessageTests
{
    private static readonly string? Folder = FindFolder();

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        if (Folder is null) files.Add("");
        else foreach (var file in Directory.GetFiles(Folder, "*.eml").Order(StringComparer.Ordinal)) files.Add(Path.GetFileName(file));
        return files;
    }

    [ConformanceTheory]
    [MemberData(nameof(Files))]
    public void The_summary_is_well_formed_and_its_ranges_are_nested(string file)
    {
        var message = Read(file);
        var summary = MessageTexts.Summarize(message);
        MessageTexts.AssertWellFormed(summary.Envelope);
        MessageTexts.AssertWellFormed(summary.BodyStructure);
        var trimmed = new ArrayBufferWriter<byte>();
        BodyStructure.WithoutExtensions(summary.BodyStructure.Span, trimmed);
        MessageTexts.AssertWellFormed(trimmed.WrittenMemory);
        PartRanges.AssertNested(summary.Parts, message.Length);
    }

    [ConformanceTheory]
    [MemberData(nameof(Files))]
    public void The_summary_does_not_depend_on_the_read_sizes(string file)
    {
        var message = Read(file);
        foreach (var window in new[] { 1, 2, 7, 64, 1000 }) PartRanges.AssertSame(MessageTexts.Summarize(message), new MessageFormat(Limits.Default, window).Summarize(new InMemoryContent(message)));
    }

    /// <summary>Malformed messages have no agreed meaning; for all others MimeKit finds the same bodies.</summary>
    [ConformanceTheory]
    [MemberData(nameof(Files))]
    public void The_part_bodies_match_those_of_MimeKit(string file)
    {
        if (file.StartsWith("malformed", StringComparison.Ordinal)) return;
        var message = Read(file);
        var summary = MessageTexts.Summarize(message);
        using var parsed = MimeMessage.Load(new MemoryStream(message));
        AssertSameBodies(parsed.Body, Encoding.Latin1.GetString(message), summary, parsed.Body is Multipart ? "" : "1");
    }

    private static void AssertSameBodies(MimeEntity? entity, string message, MessageSummary summary, string path)
    {
        if (entity is Multipart multipart)
        {
            for (var i = 0; i < multipart.Count; i++) AssertSameBodies(multipart[i], message, summary, path.Length == 0 ? $"{i + 1}" : $"{path}.{i + 1}");
            Assert.Null(MessageTexts.Section(summary, message, path.Length == 0 ? $"{multipart.Count + 1}" : $"{path}.{multipart.Count + 1}", SectionText.None));
        }
        else if (entity is MessagePart { Message: { } inner })
        {
            AssertSameBodies(inner.Body, message, summary, inner.Body is Multipart ? path : path + ".1");
        }
        else if (entity is MimeKit.MimePart { Content: { } content })
        {
            using var raw = new MemoryStream();
            content.WriteTo(raw);
            Assert.Equal(Normal(Encoding.Latin1.GetString(raw.ToArray())), Normal(MessageTexts.Section(summary, message, path, SectionText.None)));
        }
    }

    /// <summary>MimeKit keeps the line end before a delimiter in some cases.</summary>
    private static string? Normal(string? text) => text?.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');

    private static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Folder!, file));

    private static string? FindFolder()
    {
        var shared = Environment.GetEnvironmentVariable("MAILSERVER_SHARED");
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); shared is null && at is not null; at = at.Parent)
        {
            var candidate = Path.Combine(at.FullName, "shared");
            if (Directory.Exists(Path.Combine(candidate, "conformance"))) shared = candidate;
        }

        return shared is null ? null : Path.Combine(shared, "conformance", "mime");
    }

    private sealed class ConformanceTheoryAttribute : TheoryAttribute
    {
        public ConformanceTheoryAttribute() => Skip = Folder is null ? "shared/conformance is not there (set MAILSERVER_SHARED)" : null;
    }
}
