using System.Globalization;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.MailboxIndex;

/// <summary>A file that has been imported as a message.</summary>
internal readonly record struct ImportedFile(uint Uid, MessageEntry Entry, string Base);

/// <summary>Imports files that other tools, or this server before a crash, put into a folder: assigns a UID and a file name in <c>cur/</c>.</summary>
internal sealed class FileImporter(MailboxContext context, Folder folder)
{
    public List<ImportedFile> Import(List<UnindexedFile> strangers, ref FolderRow row)
    {
        // Reused UIDs are lower than all new ones; new UIDs follow the order of the timestamps in the names.
        strangers.Sort((a, b) => (a.ReusableUid ?? uint.MaxValue).CompareTo(b.ReusableUid ?? uint.MaxValue) is not 0 and var byUid
            ? byUid
            : string.CompareOrdinal(a.Name.Base, b.Name.Base));
        var adopted = new List<ImportedFile>(strangers.Count);
        foreach (var stranger in strangers)
        {
            if (stranger.ReusableUid is null && row.UidNext == uint.MaxValue) break;
            var uid = stranger.ReusableUid ?? row.UidNext;
            try
            {
                adopted.Add(Import(stranger, uid));
                if (stranger.ReusableUid is null) row.UidNext++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // One unusable file must not make the whole account unavailable.
                context.Report($"{stranger.Path}: {e.Message}");
            }
        }

        return adopted;
    }

    private ImportedFile Import(UnindexedFile stranger, uint uid)
    {
        var source = stranger.Path;
        // A renamed link or FIFO would remain in the folder and fail again at every read.
        if (FileStat.Find(source) is { Kind: not FileKind.Regular }) throw new NotRegularFileException(source);
        string? converted = null;
        if (stranger.ReusableUid is null && CrlfConverter.HasBareLineFeed(source))
        {
            converted = Path.Combine(folder.Directory.Temporary, string.Create(CultureInfo.InvariantCulture, $"crlf-{uid}"));
            CrlfConverter.Convert(source, converted);
        }

        var file = new FileInfo(converted ?? source);
        var flags = FlagLetters.Parse(stranger.Name.InfoFlags, folder.State.Keywords, ours: stranger.Name.Uid is not null);
        var entry = MessageEntry.Of(flags, new DateTimeOffset(file.LastWriteTimeUtc), file.Length, MessageEntry.UnknownDay);
        var baseName = BaseFor(stranger.Name.Base, uid);
        var target = folder.Directory.PathOf(folder.FileName(baseName, uid, entry.Size, flags));
        if (!Posix.TryRename(converted ?? source, target)) throw new FileNotFoundException("the file was removed while it was being imported", source);
        if (converted is not null) Posix.TryUnlink(source);
        return new ImportedFile(uid, entry, baseName);
    }

    private string BaseFor(string given, uint uid) => given.Length is > 0 and <= MessageFileName.MaxBase
        ? given
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, context.Time.GetUtcNow().ToUnixTimeSeconds())}.A{uid}F{folder.Id.Value}");
}
