using System.Globalization;
using System.Text;
using MailServer.Domain.Messages;

namespace MailServer.Storage.Tests;

/// <summary>A minimal RFC 5322 parser for tests: the header section is cached unchanged, the envelope is the subject.</summary>
internal sealed class TestMessageFormat : IMessageParser
{
    public int Summaries { get; private set; }

    public int OrderReads { get; private set; }

    /// <summary>The text of the message whose reading fails; null: none.</summary>
    public string? FailsAt { get; set; }

    public MessageSummary Summarize(MessageContent content)
    {
        Summaries++;
        var text = Read(content);
        var header = Header(text);
        return new MessageSummary
        {
            Envelope = Encoding.UTF8.GetBytes($"(\"{Field(header, "Subject")}\")"),
            BodyStructure = Encoding.UTF8.GetBytes($"(\"TEXT\" {text.Length - header.Length})"),
            Headers = Encoding.Latin1.GetBytes(header),
            Parts = BitConverter.GetBytes(header.Length),
            SentDate = DateOnly.TryParse(Field(header, "Date"), out var date) ? date : null,
        };
    }

    public bool IsCached(ReadOnlySpan<char> fieldName) => !fieldName.StartsWith("X-", StringComparison.OrdinalIgnoreCase);

    public bool HeaderContains(ReadOnlySpan<byte> headers, string fieldName, string text) =>
        Field(Checked(Encoding.Latin1.GetString(headers)), fieldName) is { } value && value.Contains(text, StringComparison.OrdinalIgnoreCase);

    public OrderValues ReadOrderValues(ReadOnlySpan<byte> headers, OrderFields fields)
    {
        OrderReads++;
        var header = Checked(Encoding.Latin1.GetString(headers));
        return new OrderValues
        {
            SentTime = DateTimeOffset.TryParse(Field(header, "Date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null,
            Subject = (Field(header, "Subject") ?? "").ToUpperInvariant(),
            From = Field(header, "From") ?? "",
            MessageId = Field(header, "Message-ID"),
            References = Field(header, "References")?.Split(' ') ?? [],
        };
    }

    public bool TextContains(MessageContent content, string text, bool includeHeader)
    {
        TextReads++;
        var all = Read(content);
        return (includeHeader ? all : all[Header(all).Length..]).Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The number of messages whose text was read for a search.</summary>
    public int TextReads { get; private set; }

    public string FoldForSearch(string text) => text.ToUpperInvariant();

    public bool ReadSearchText(MessageContent content, ISearchTextReceiver receiver)
    {
        var all = Read(content).ToUpperInvariant();
        var header = Header(all);
        return receiver.Receive(SearchScope.Header, header) && receiver.Receive(SearchScope.Body, all.AsSpan(header.Length));
    }

    public int Previews { get; private set; }

    public string Preview(MessageContent content)
    {
        Previews++;
        var text = Read(content);
        return text[Header(text).Length..].Trim();
    }

    private string Read(MessageContent content) => Checked(Encoding.Latin1.GetString(content.ReadRange(0, (int)content.Length)));

    private string Checked(string text) =>
        FailsAt is { } marker && text.Contains(marker, StringComparison.Ordinal) ? throw new IOException("Input/output error") : text;

    private static string Header(string text) => text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end ? text[..(end + 4)] : text;

    private static string? Field(string header, string name) => header.Split("\r\n")
        .FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
