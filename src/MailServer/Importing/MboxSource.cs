using System.Globalization;
using System.Runtime.CompilerServices;
using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>
/// Reads an mbox file of any dialect. The date of a message comes from its <c>From </c> line if plausible, otherwise from its Received or Date field. Flags and keywords
/// come from the fields that mail programs store in such files. The labels of a Gmail export also determine the folder, unless one is given.
/// </summary>
internal sealed class MboxSource : IMailSource
{
    private readonly string _file;
    private readonly FolderName? _folder;
    private readonly long _maxMessage;

    /// <param name="file">The file.</param>
    /// <param name="folder">The folder for all messages; null: the one given by their labels, otherwise the INBOX.</param>
    /// <param name="maxMessage">The maximum message size in octets.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not an mbox file.</exception>
    public MboxSource(string file, FolderName? folder, long maxMessage)
    {
        (_file, _folder, _maxMessage) = (file, folder, maxMessage);
        using var reader = new MboxReader(file, maxMessage);
        if (reader.FindFault() is { } fault) throw new InvalidDataException($"{file} {fault}");
    }

    public long? Count => null;

    public async IAsyncEnumerable<SourceItem> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        var quoting = FindQuoting(cancel);
        using var reader = new MboxReader(_file, _maxMessage);
        foreach (var message in reader.Read(cancel))
        {
            var header = ImportedHeader.Read(message.Content.Span);
            if (header.IsFolderData) continue;
            var where = string.Create(CultureInfo.InvariantCulture, $"{_file}, offset {message.Offset}");
            if (message.Size > _maxMessage) yield return SourceRefusal.TooLarge(where, message.Size, _maxMessage, header.MessageId);
            else yield return Make(where, message, header, quoting);
        }
    }

    private MboxQuoting FindQuoting(CancellationToken cancel)
    {
        using var reader = new MboxReader(_file, _maxMessage);
        return MboxQuoting.Of(reader.Read(cancel));
    }

    private SourceMessage Make(string where, MboxMessage message, ImportedHeader header, MboxQuoting quoting)
    {
        var (folder, keywords) = (_folder ?? FolderName.Inbox, header.Keywords);
        if (header.Labels is { } labels)
        {
            var place = GmailLabels.PlaceOf(labels);
            folder = _folder ?? place.Folder;
            keywords = [.. keywords, .. place.Keywords];
        }

        var date = MboxFromLine.DateOf(message.FromLine.Span) is { } given && ImportedHeader.IsPlausible(given) ? given : header.Date;
        return new SourceMessage(where, folder, new MessageFlags(header.Flags, SourceKeywords.Of(keywords)), date ?? DateTimeOffset.UnixEpoch, quoting.Undo(message.Content));
    }
}
