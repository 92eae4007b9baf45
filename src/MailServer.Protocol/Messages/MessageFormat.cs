using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Messages;

/// <summary>RFC 5322 and MIME for the mailbox: summarizes messages for the index and searches their content.</summary>
public sealed class MessageFormat : IMessageParser
{
    private static readonly HashSet<string> AddressFields = new(["From", "To", "Cc", "Bcc", "Sender", "Reply-To"], StringComparer.OrdinalIgnoreCase);

    private readonly Limits _limits;
    private readonly int _windowSize;

    /// <param name="limits">The parsing limits.</param>
    /// <param name="windowSize">Larger messages are read through a window of this size; the results do not depend on it.</param>
    public MessageFormat(Limits limits, int windowSize = 64 * 1024)
    {
        // MimeKit gets the charsets of encoded-words from .NET; repeated registration has no effect.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        _limits = limits;
        _windowSize = windowSize;
    }

    public MessageSummary Summarize(MessageContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var window = Open(content);
        using var describer = new PartDescriber(_limits, describes: true);
        using var headers = new WireBuilder(1024);
        using var output = new WireBuilder(1024);
        var message = new StructureScanner(window, _limits, describer, headers).Scan();
        SummaryWriter.WriteBody(message, describer.Wire, output);
        var structure = output.ToArray();
        output.Clear();
        SummaryWriter.WriteParts(message, new PartTableWriter(output));
        return new MessageSummary
        {
            Envelope = describer.Wire[message.Envelope].ToArray(),
            BodyStructure = structure,
            Headers = headers.ToArray(),
            Parts = output.ToArray(),
            SentDate = HeaderFields.TryFind(headers.Written, "Date"u8, out var date) ? DateField.ReadDay(date.Value) : null,
        };
    }

    public bool IsCached(ReadOnlySpan<char> fieldName) => CachedHeaders.Contains(fieldName);

    public bool HeaderContains(ReadOnlySpan<byte> headers, string fieldName, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var wanted = new SearchText(text);
        foreach (var field in HeaderFields.Enumerate(headers))
        {
            if (!Ascii.EqualsIgnoreCase(field.Name, fieldName)) continue;
            if (text.Length == 0 || (AddressFields.Contains(fieldName) ? HeaderTextSearch.AddressContains(field.Value, wanted) : HeaderTextSearch.Contains(field.Value, wanted))) return true;
        }

        return false;
    }

    public OrderValues ReadOrderValues(ReadOnlySpan<byte> headers, OrderFields fields) => OrderValueReader.Read(headers, fields);

    public bool TextContains(MessageContent content, string text, bool includeHeader)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0) return true;
        using var window = Open(content);
        using var describer = new PartDescriber(_limits, describes: false);
        var message = new StructureScanner(window, _limits, describer, cachedHeaders: null).Scan();
        using var search = new TextSearch<SearchText>(window, _limits, new SearchText(text));
        return search.Contains(message, includeHeader);
    }

    public string FoldForSearch(string text) => UnicodeCasemap.Fold(text);

    public bool ReadSearchText(MessageContent content, ISearchTextReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var window = Open(content);
        using var describer = new PartDescriber(_limits, describes: false);
        var message = new StructureScanner(window, _limits, describer, cachedHeaders: null).Scan();
        using var collector = new SearchTextCollector(receiver);
        using var search = new TextSearch<SearchTextCollector>(window, _limits, collector);
        // TextContains reads whole fields, HeaderContains their values and addresses.
        if (HeaderTextSearch.SectionContains(search.Header(message), collector)) return false;
        foreach (var field in HeaderFields.Enumerate(search.Header(message)))
        {
            var isWanted = AddressFields.Contains(Encoding.ASCII.GetString(field.Name))
                ? !HeaderTextSearch.AddressContains(field.Value, collector)
                : !HeaderTextSearch.Contains(field.Value, collector);
            if (!isWanted) return false;
        }

        collector.Scope = SearchScope.Body;
        return !search.Contains(message, includeHeader: false) && !collector.IsIncomplete;
    }

    public string Preview(MessageContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var beginning = new TruncatedContent(content, MessagePreview.MaxOctets);
        using var window = Open(beginning);
        using var describer = new PartDescriber(_limits, describes: false);
        return MessagePreview.Of(window, new StructureScanner(window, _limits, describer, cachedHeaders: null).Scan());
    }

    private ContentWindow Open(MessageContent content) => new(content, (int)Math.Clamp(content.Length, 1, _windowSize));
}
