using MailServer.Domain.Mailboxes;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.MailboxIndex;

/// <summary>The table of folders with their counters.</summary>
internal sealed class FolderRecords(SqliteDatabase database)
{
    private readonly SqliteStatement _save = database.Prepare("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

    /// <summary>Loads all folders: name, the part of the state that is kept here, and counters.</summary>
    public List<(FolderName Name, Maildir.FolderState State, FolderRow Row)> Load()
    {
        using var select = database.Prepare("SELECT * FROM folders");
        var folders = new List<(FolderName, Maildir.FolderState, FolderRow)>();
        while (select.Step())
        {
            var row = new FolderRow
            {
                UidNext = (uint)select.Long(4),
                ModSeq = select.Long(5),
                // Older versions write 0: which removals they have forgotten is not known.
                HistoryFrom = select.Long(7) is > 0 and var from ? from : select.Long(5),
                RecentFrom = (uint)select.Long(6),
                Messages = (int)select.Long(8),
                Unseen = (int)select.Long(9),
                Deleted = (int)select.Long(10),
                Size = select.Long(11),
                DirectoryTime = select.Long(12),
            };
            var state = new Maildir.FolderState
            {
                Id = new FolderId(select.Long(0)),
                UidValidity = new UidValidity((uint)select.Long(2)),
                Role = (FolderRole)select.Long(3),
                UidNext = row.UidNext,
                ModSeq = row.ModSeq,
            };
            if (FolderName.TryParse(select.Text(1), out var name)) folders.Add((name, state, row));
        }

        return folders;
    }

    public void Save(Folder folder, in FolderRow row) => _save
        .Bind(1, folder.Id.Value).Bind(2, folder.Name.Value).Bind(3, folder.UidValidity.Value).Bind(4, (long)folder.State.Role)
        .Bind(5, row.UidNext).Bind(6, row.ModSeq).Bind(7, row.RecentFrom).Bind(8, row.HistoryFrom)
        .Bind(9, row.Messages).Bind(10, row.Unseen).Bind(11, row.Deleted).Bind(12, row.Size).Bind(13, row.DirectoryTime).Run();
}
