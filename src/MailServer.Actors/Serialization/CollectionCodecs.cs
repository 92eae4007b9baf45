using MailServer.Actors.Collections;
using MailServer.Domain.Collections;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for requests to collections and their replies.</summary>
internal static class CollectionCodecs
{
    public static IEnumerable<WireCodec> Queries() =>
    [
        Query<CollectionRequest.Find>("collection.find-1", (w, m) => { w.Path(m.Path); w.Bool(m.WithBody); }, r => new(r.Path(), r.Bool())),
        Query<CollectionRequest.List>("collection.list-1", (w, m) => { w.Path(m.Path); w.Long(m.After); w.Bool(m.WithProperties); }, r => new(r.Path(), r.Long(), r.Bool())),
        Query<CollectionRequest.Query>("collection.query-1", (w, m) => { w.Path(m.Path); w.Long(m.After); w.Plan(m.Plan); }, r => new(r.Path(), r.Long(), r.Plan())),
        Query<CollectionRequest.Search>(
            "collection.search-1",
            (w, m) => { w.Path(m.Path); w.Long(m.After); w.Bytes(m.Report.Span); w.Maybe(m.Names, names => w.List(names, w.Text)); w.Maybe(m.FloatingZone, w.Text); w.Enum(m.Zones); },
            r => new(r.Path(), r.Long(), r.Bytes()) { Names = r.Maybe(() => r.List(r.Text)), FloatingZone = r.Maybe(r.Text), Zones = r.Enum<ZoneDefinitions>() }),
        Query<CollectionRequest.ListBusyTimes>(
            "collection.list-busy-1",
            (w, m) => { w.Path(m.Path); w.Long(m.After); w.MaybeValue(m.Start, w.Time); w.MaybeValue(m.End, w.Time); w.Maybe(m.FloatingZone, w.Text); w.Maybe(m.Attendee, w.Address); },
            r => new(r.Path(), r.Long(), r.MaybeValue(r.Time), r.MaybeValue(r.Time)) { FloatingZone = r.Maybe(r.Text), Attendee = r.Maybe(r.Address) }),
        Query<CollectionRequest.ReadMany>("collection.read-1", (w, m) => { w.Path(m.Path); w.List(m.Names, w.Text); w.Bool(m.WithBody); }, r => new(r.Path(), r.List(r.Text), r.Bool())),
        Query<CollectionRequest.Synchronise>(
            "collection.sync-1",
            (w, m) => { w.Path(m.Path); w.MaybeValue(m.Collection, w.Long); w.Long(m.After); w.MaybeValue(m.UpTo, w.Long); w.Int(m.Limit); },
            r => new(r.Path(), r.MaybeValue(r.Long), r.Long(), r.MaybeValue(r.Long), r.Int())),
        Query<CollectionRequest.FindLocks>("collection.find-locks-1", (w, m) => w.Path(m.Path), r => new(r.Path())),
        Query<CollectionRequest.GetQuota>("collection.quota-1", (_, _) => { }, _ => new()),
        Query<CollectionRequest.MakeCopy>("collection.make-copy-1", (w, m) => w.Text(m.File), r => new(r.Text())),
        Query<CollectionRequest.Check>("collection.check-1", (w, m) => w.Bool(m.Repair), r => new(r.Bool())),
        Query<CollectionRequest.ListMounts>("collection.mounts-1", (_, _) => { }, _ => new()),
        Query<CollectionRequest.ReadAttachment>("collection.attachment-1", (w, m) => w.Text(m.Id), r => new(r.Text())),
        Query<CollectionRequest.ListAttachmentUses>("collection.attachment-uses-1", (w, m) => { w.Text(m.Id); w.Maybe(m.Uid, w.Text); }, r => new(r.Text(), r.Maybe(r.Text))),
        Query<CollectionRequest.ListLinks>("collection.links-1", (_, _) => { }, _ => new()),
        Query<CollectionRequest.ListNotices>("collection.notices-1", (_, _) => { }, _ => new()),
    ];

    public static IEnumerable<WireCodec> Changes() =>
    [
        Change<CollectionRequest.Put>(
            "collection.put-1", (w, m) => { w.Path(m.Path); w.Resource(m.Resource); w.Maybe(m.Attachment, w.Attached); }, r => new(r.Path(), r.Resource()) { Attachment = r.Maybe(r.Attached) }),
        Change<CollectionRequest.Upload>(
            "collection.upload-1",
            (w, m) => { w.Path(m.Path); w.Bytes(m.Body.Span); w.Maybe(m.ContentType, w.Text); w.Maybe(m.Attachment, w.Attached); },
            r => new(r.Path(), r.Bytes(), r.Maybe(r.Text)) { Attachment = r.Maybe(r.Attached) }),
        Change<CollectionRequest.Delete>("collection.delete-1", (w, m) => { w.Path(m.Path); w.Bool(m.Silent); }, r => new(r.Path()) { Silent = r.Bool() }),
        Change<CollectionRequest.MakeCollection>(
            "collection.make-1",
            (w, m) => { w.Path(m.Path); w.Enum(m.Kind); w.Enum(m.Components); w.Pairs(m.Properties); },
            r => new(r.Path(), r.Enum<CollectionKind>(), r.Enum<CalendarComponents>(), r.Properties())),
        Change<CollectionRequest.SetProperties>(
            "collection.properties-1",
            (w, m) => { w.Path(m.Path); w.List(m.Properties, p => { w.Text(p.Key); w.Maybe(p.Value, w.Text); }); },
            r => new(r.Path(), r.List(() => KeyValuePair.Create(r.Text(), r.Maybe(r.Text))))),
        Change<CollectionRequest.Transfer>(
            "collection.transfer-1",
            (w, m) => { w.Path(m.From); w.Path(m.To); w.Bool(m.Move); w.Bool(m.Overwrite); w.Bool(m.Deep); },
            r => new(r.Path(), r.Path(), r.Bool(), r.Bool(), r.Bool())),
        Change<CollectionRequest.Lock>(
            "collection.lock-1",
            (w, m) => { w.Path(m.Path); w.Text(m.Token); w.Bool(m.Exclusive); w.Bool(m.Deep); w.Text(m.Owner); w.Long(m.Timeout.Ticks); },
            r => new(r.Path(), r.Text(), r.Bool(), r.Bool(), r.Text(), TimeSpan.FromTicks(r.Long()))),
        Change<CollectionRequest.RefreshLock>("collection.refresh-lock-1", (w, m) => { w.Path(m.Path); w.Long(m.Timeout.Ticks); }, r => new(r.Path(), TimeSpan.FromTicks(r.Long()))),
        Change<CollectionRequest.Unlock>("collection.unlock-1", (w, m) => { w.Path(m.Path); w.Text(m.Token); }, r => new(r.Path(), r.Text())),
        Change<CollectionRequest.SetGrants>(
            "collection.grants-1", (w, m) => { w.Path(m.Path); w.List(m.Granted, w.Grant); w.List(m.Revoked, w.Account); }, r => new(r.Path(), r.List(r.Grant), r.List(r.Account))),
        Change<CollectionRequest.AddMount>("collection.add-mount-1", (w, m) => { w.Text(m.Name); w.Mount(m.Shared); }, r => new(r.Text(), r.Mount())),
        Change<CollectionRequest.RemoveMount>("collection.remove-mount-1", (w, m) => { w.Account(m.Owner); w.Long(m.TargetId); }, r => new(r.Account(), r.Long())),
        Change<CollectionRequest.DismissInvitation>("collection.dismiss-1", (w, m) => w.Text(m.Invitation), r => new(r.Text())),
        Change<CollectionRequest.AddNotice>("collection.add-notice-1", (w, m) => w.Notice(m.Notice), r => new(r.Notice())),
        Change<CollectionRequest.AddLink>("collection.add-link-1", (w, m) => { w.Path(m.Path); w.Text(m.Secret); }, r => new(r.Path(), r.Text())),
        Change<CollectionRequest.RemoveLinks>("collection.remove-links-1", (w, m) => w.Path(m.Path), r => new(r.Path())),
        Change<CollectionRequest.Subscribe>("collection.subscribe-1", (w, m) => { w.Path(m.Path); w.Subscription(m.Subscription); }, r => new(r.Path(), r.Subscription())),
        Change<CollectionRequest.Unsubscribe>("collection.unsubscribe-1", (w, m) => { w.Text(m.Id); w.MaybeValue(m.By, w.Account); }, r => new(r.Text(), r.MaybeValue(r.Account))),
    ];

    public static IEnumerable<WireCodec> Replies() =>
    [
        Create<CollectionReply.Refused>("collection.refused-1", (w, m) => { w.Enum(m.Reason); w.Maybe(m.Path, w.Path); }, r => new(r.Enum<CollectionRefusal>(), r.Maybe(r.Path))),
        Empty("collection.done-1", CollectionReply.Done.Instance),
        Create<CollectionReply.ItemFound>(
            "collection.found-2",
            (w, m) => { w.Maybe(m.Collection, w.Info); w.Maybe(m.Resource, w.Entry); w.Maybe(m.Parent, w.Info); },
            r => new(r.Maybe(r.Info), r.Maybe(r.Entry), r.Maybe(r.Info))),
        Create<CollectionReply.Page>(
            "collection.page-2",
            (w, m) => { w.Info(m.Collection); w.List(m.Collections, w.Info); w.List(m.Resources, w.Entry); w.MaybeValue(m.Next, w.Long); },
            r => new(r.Info(), r.List(r.Info), r.List(r.Entry), r.MaybeValue(r.Long))),
        Create<CollectionReply.BusyTimes>(
            "collection.busy-times-1",
            (w, m) => { w.List(m.Periods, w.Busy); w.Bool(m.IsCutOff); w.MaybeValue(m.Next, w.Long); },
            r => new(r.List(r.Busy), r.Bool(), r.MaybeValue(r.Long))),
        Create<CollectionReply.Changes>(
            "collection.changes-2",
            (w, m) => { w.Info(m.Collection); w.List(m.Changed, w.Entry); w.List(m.Removed, w.Text); w.Long(m.ReachedModSeq); w.Long(m.UpTo); w.Bool(m.More); },
            r => new(r.Info(), r.List(r.Entry), r.List(r.Text), r.Long(), r.Long(), r.Bool())),
        Create<CollectionReply.Stored>(
            "collection.stored-1",
            (w, m) => { w.Text(m.ETag); w.Bool(m.Created); w.Maybe(m.ScheduleTag, w.Text); w.Bool(m.Rewritten); },
            r => new(r.Text(), r.Bool()) { ScheduleTag = r.Maybe(r.Text), Rewritten = r.Bool() }),
        Create<CollectionReply.Invalid>("collection.invalid-1", (w, m) => { w.Int(m.Status); w.Text(m.Reason); w.Maybe(m.Condition, w.Text); }, r => new(r.Int(), r.Text(), r.Maybe(r.Text))),
        Create<CollectionReply.Locked>("collection.locked-1", (w, m) => { w.Lock(m.Lock); w.Bool(m.Created); }, r => new(r.Lock(), r.Bool())),
        Create<CollectionReply.Locks>("collection.locks-1", (w, m) => w.List(m.Active, w.Lock), r => new(r.List(r.Lock))),
        Create<CollectionReply.Quota>("collection.quota-is-1", (w, m) => { w.Long(m.Used); w.Long(m.Available); }, r => new(r.Long(), r.Long())),
        Create<CollectionReply.CheckResult>("collection.checked-1", (w, m) => w.List(m.Problems, w.Text), r => new(r.List(r.Text))),
        Create<CollectionReply.Mounted>("collection.elsewhere-1", (w, m) => w.Info(m.Here), r => new(r.Info())),
        Create<CollectionReply.AttachmentFound>("collection.attachment-is-1", (w, m) => w.Attached(m.Attachment), r => new(r.Attached())),
        Create<CollectionReply.AttachmentUses>(
            "collection.attachment-uses-are-1",
            (w, m) => w.List(m.Uses, use => { w.Text(use.Uid); w.List(use.Attendees, w.Address); }),
            r => new(r.List(() => new AttachmentUse(r.Text(), r.List(r.Address))))),
        Create<CollectionReply.Subscribed>("collection.subscribed-1", (w, m) => w.Subscription(m.Subscription), r => new(r.Subscription())),
        Create<CollectionReply.Notices>("collection.notices-are-1", (w, m) => w.List(m.All, w.Notice), r => new(r.List(r.Notice))),
        Create<CollectionReply.Links>("collection.links-are-1", (w, m) => w.List(m.Active, w.Link), r => new(r.List(r.Link))),
    ];

    public static IEnumerable<WireCodec> Protocol() =>
    [
        Create<CollectionProtocol.AccountRequest>("collection.ask-1", (w, m) => { w.Account(m.Account); w.Message(m.Request); }, r => new(r.Account(), r.Message<CollectionRequest>())),
        Create<CollectionProtocol.ReceiveScheduling>(
            "collection.receive-1",
            (w, m) => { w.Account(m.Account); w.Address(m.Sender); w.Bytes(m.Body.Span); w.Text(m.Key); },
            r => new(r.Account(), r.Address(), r.Bytes(), r.Text())),
        Create<CollectionProtocol.SchedulingReceived>("collection.received-1", (w, m) => { w.Account(m.Account); w.Maybe(m.Status, w.Text); }, r => new(r.Account(), r.Maybe(r.Text))),
        Create<CollectionProtocol.ResumeScheduling>("collection.wake-1", (w, m) => w.Account(m.Account), r => new(r.Account())),
        Create<CollectionProtocol.Close>("collection.close-1", (w, m) => w.Account(m.Account), r => new(r.Account())),
    ];

    private static WireCodec Query<T>(string manifest, Action<WireWriter, T> write, Func<WireReader, T> read)
        where T : CollectionRequest => Create<T>(
            manifest,
            (w, m) =>
            {
                w.MaybeValue(m.Sharee, w.Account);
                write(w, m);
            },
            r =>
            {
                var visitor = r.MaybeValue(r.Account);
                return read(r) with { Sharee = visitor };
            });

    private static WireCodec Change<T>(string manifest, Action<WireWriter, T> write, Func<WireReader, T> read)
        where T : CollectionRequest.Change => Query<T>(
            manifest,
            (w, m) =>
            {
                w.Conditions(m.Conditions);
                w.List(m.SuppressedSubscriptions, w.Text);
                write(w, m);
            },
            r =>
            {
                var conditions = r.Conditions();
                var unheard = r.List(r.Text);
                return read(r) with { Conditions = conditions, SuppressedSubscriptions = unheard };
            });
}
