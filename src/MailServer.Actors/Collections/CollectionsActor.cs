using Akka.Actor;
using MailServer.Actors.Entities;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Storage.Collections;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Collections;

/// <summary>
/// Owns an account's calendars, address books and files: the only reader and writer of its <c>dav.db</c>.
/// <para>
/// Changes are applied as they arrive and committed together when the inbox holds no more of them: a burst costs one flush, and clients are answered only
/// after the commit. A read commits first, so it never returns data that could still be lost.
/// </para>
/// <para>
/// When the disk fails, everything since the last commit is rolled back and refused with <see cref="CollectionRefusal.Unavailable"/>.
/// </para>
/// </summary>
internal sealed partial class CollectionsActor : AccountStoreActor
{
    private const int MaxUnanswered = 500;
    private static readonly CollectionReply.Refused Unavailable = new(CollectionRefusal.Unavailable);

    private readonly CollectionServices _services;
    private readonly ILogger _log;
    private readonly CalendarUser _user;
    private readonly List<(IActorRef Client, object Reply)> _unanswered = [];
    private CollectionStore? _store;

    public CollectionsActor(AccountId account, CollectionServices services) : base(account, services.Home, new FolderOwnershipCheck(services.Directory, services.Problems), services.OpenStores, services.Time)
    {
        _services = services;
        _log = services.Loggers.CreateLogger<CollectionsActor>();
        _user = new CalendarUser(account, services.Directory);
        _scheduling = new ImplicitScheduling(_user, services.Time, services.Limits);
        _incoming = new IncomingScheduling(_user, services.Limits, services.Time);
        _collections = CreateChildren();
    }

    private CollectionStore Store => _store ?? throw new IOException("the collections could not be opened");

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CollectionProtocol.AccountRequest request:
                if (!TryRoute(request)) Serve(request.Request);
                break;
            case CollectionActor.ToStore { Request: var request }:
                Serve(request);
                break;
            case ReportActor.ReadPage page:
                Commit();
                Sender.Tell(new ReportActor.PageRead(Read(page.Request)));
                break;
            case Entities.Passivate:
                _collections.Stop(Sender);
                break;
            case CommitNow:
                Commit();
                break;
            default:
                if (!OnLifecycle(message) && !OnScheduling(message)) Unhandled(message);
                break;
        }
    }

    private void Serve(CollectionRequest request)
    {
        switch (request)
        {
            case CollectionRequest.Upload upload:
                // Only uploads to collections that do not exist or belong to another account arrive here.
                if (UploadReader.TryRead(upload, out var put, out var invalid)) Change(put);
                else Sender.Tell(invalid);
                break;
            case CollectionRequest.Change change:
                Change(change);
                break;
            case CollectionRequest.Check check:
                Commit();
                Check(check.Repair);
                break;
            default:
                Commit();
                Sender.Tell(Read(request));
                break;
        }
    }

    private void Change(CollectionRequest.Change change)
    {
        // Commit earlier changes first: this change is excluded from some notifications, so it needs a commit of its own.
        if (change.SuppressedSubscriptions.Count > 0) Commit();
        try
        {
            var before = LastMessage;
            var reply = _scheduling.Change(Store, change);
            if (reply is CollectionReply.Refused || LastMessage == before) Answer(Sender, reply);
            else AnswerWhenSent(Sender, reply, before);
            StopRemoved(change);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogFailed(e, Account, change.GetType().Name);
            NoteDamage(e);
            Sender.Tell(Unavailable);
            Undo();
            return;
        }

        if (change.SuppressedSubscriptions.Count > 0) Commit(change);
        else if (_unanswered.Count >= MaxUnanswered) Commit();
    }

    /// <summary>Answers with the next commit.</summary>
    private void Answer(IActorRef client, object reply)
    {
        if (_unanswered.Count == 0) Self.Tell(CommitNow.Instance);
        _unanswered.Add((client, reply));
    }

    private CollectionReply Read(CollectionRequest request)
    {
        try
        {
            var reply = request is CollectionRequest.ListAttachmentUses list ? AttachmentRules.ListUses(Store, list, _user) : Store.Read(request);
            if (Store.IsDamaged) NoteDamage();
            return reply;
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogFailed(e, Account, request.GetType().Name);
            NoteDamage(e);
            return Unavailable;
        }
    }

    /// <param name="quiet">The change being committed, if its author's subscriptions are to be skipped.</param>
    private void Commit(CollectionRequest.Change? quiet = null)
    {
        if (_unanswered.Count == 0) return;
        try
        {
            Store.Commit();
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            LogFailed(e, Account, nameof(Commit));
            NoteDamage(e);
            Undo();
            return;
        }

        foreach (var (client, reply) in _unanswered) client.Tell(reply);
        _unanswered.Clear();
        foreach (var change in Store.TakeChanges())
            if (PushSuppression.Apply(change, quiet, quiet?.Sharee ?? Account) is { } told) _services.Push?.Tell(new PushActor.ChangeCommitted(Account, told), Context.Parent);
        TakeSnapshot(isEnding: false);
        SendWaiting();
    }

    private void Undo()
    {
        RefuseUnanswered();
        ForgetHeld();
        try
        {
            _store?.Rollback();
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            // The state in memory can no longer be trusted: a new actor opens the store again.
            LogFailed(e, Account, nameof(Undo));
            _store?.Dispose();
            _store = null;
            Passivate();
        }
    }

    private void RefuseUnanswered()
    {
        foreach (var (client, reply) in _unanswered) client.Tell(reply is CollectionProtocol.SchedulingReceived ? new CollectionProtocol.SchedulingReceived(Account, null) : Unavailable);
        _unanswered.Clear();
    }

    private sealed record CommitNow
    {
        public static CommitNow Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The collections of account {Account} cannot be opened")]
    private partial void LogNotOpened(Exception exception, AccountId account);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} failed in the collections of account {Account}")]
    private partial void LogFailed(Exception exception, AccountId account, string request);
}
