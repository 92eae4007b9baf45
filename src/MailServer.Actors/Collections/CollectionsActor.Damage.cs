using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Collections;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.Sqlite;

namespace MailServer.Actors.Collections;

// A damaged database is reported and used as far as possible; a repair salvages it without a restart.
internal sealed partial class CollectionsActor
{
    private const string Remedy = "run 'mailserver check --repair', which salvages what is readable and takes the rest from the last snapshot";
    private string? _damage;

    // False if the database cannot be used for another reason, such as a full disk: it is intact and must stay where it is.
    private bool _isDamaged;

    private string Subject => $"{DatabaseKind.Collections.Name} of user_{Account}";

    private string DatabasePath => Path.Combine(Folder, DatabaseKind.Collections.Name);

    private string Folder => AccountFolder.PathOf(_services.MaildirDirectory, Account);

    private void Check(bool repair)
    {
        try
        {
            IReadOnlyList<string> found = _store?.FindDamage() ?? [_damage ?? $"{Subject} could not be opened"];
            if (found.Count == 0) Clear();
            else if (_store is not null || _isDamaged) Report($"is damaged ({found[0]})");
            if (found.Count > 0 && repair && (_store is not null || _isDamaged)) found = Salvage();
            Sender.Tell(new CollectionReply.CheckResult(found));
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogFailed(e, Account, nameof(Check));
            Sender.Tell(new CollectionReply.CheckResult([$"{Subject}: {e.Message}"]));
        }
    }

    private IReadOnlyList<string> Salvage()
    {
        RefuseUnanswered();
        ForgetHeld();
        _inFlight.Clear();
        _store?.Dispose();
        _store = null;
        var report = CollectionSalvage.Run(Folder, _services.Time);
        OpenStore();
        return report;
    }

    private void ReportOpened(CollectionStore store)
    {
        if (store.FindDamageQuickly() is [var damage, ..]) Report($"is damaged ({damage}): some calendars or contacts cannot be read");
        else Clear();
    }

    /// <summary>Reports the failure of a request if the database is damaged; otherwise does nothing.</summary>
    private void NoteDamage(Exception? failure = null)
    {
        if (failure is SqliteNativeException { IsCorrupt: true } or DamagedStoreException || (failure is null && _store is { IsDamaged: true }))
            Report($"is damaged ({failure?.Message ?? "a part cannot be read"}): some calendars or contacts cannot be read");
    }

    private void TakeSnapshot(bool isEnding)
    {
        try
        {
            _store?.TakeSnapshotWhenDue(isEnding);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogFailed(e, Account, nameof(TakeSnapshot));
            NoteDamage(e);
        }
    }

    private void Report(string text, string remedy = Remedy) => _services.Stores.Report(Subject, $"{DatabasePath} {text}", remedy);

    private void Clear()
    {
        (_damage, _isDamaged) = (null, false);
        _services.Stores.Clear(Subject);
    }
}
