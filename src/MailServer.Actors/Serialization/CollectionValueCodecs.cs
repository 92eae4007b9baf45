using System.Collections.Immutable;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Serialization;

/// <summary>Reads and writes the values used in messages about collections.</summary>
internal static class CollectionValueCodecs
{
    public static void Path(this WireWriter w, CollectionPath path)
    {
        w.Enum(path.Space);
        w.List(path.Names, w.Text);
    }

    public static CollectionPath Path(this WireReader r) => new(r.Enum<CollectionSpace>(), [.. r.List(r.Text)]);

    public static void Grant(this WireWriter w, CollectionGrant grant)
    {
        w.Account(grant.Account);
        w.Address(grant.Address);
        w.Enum(grant.Access);
        w.Bool(grant.Declined);
        w.Text(grant.Summary);
    }

    public static CollectionGrant Grant(this WireReader r) => new(r.Account(), r.Address(), r.Enum<CollectionAccess>(), r.Bool(), r.Text());

    public static void Mount(this WireWriter w, CollectionMount mount)
    {
        w.Account(mount.Owner);
        w.Address(mount.OwnerAddress);
        w.Path(mount.Target);
        w.Long(mount.TargetId);
        w.Enum(mount.Access);
        w.Text(mount.Invitation);
        w.Time(mount.InvitedAt);
        w.Text(mount.Summary);
        w.Bool(mount.IsInvitationPending);
    }

    public static CollectionMount Mount(this WireReader r) => new(
        r.Account(), r.Address(), r.Path(), r.Long(), r.Enum<CollectionAccess>(), r.Text(), r.Time(), r.Text(), r.Bool());

    public static void Notice(this WireWriter w, SharingNotice notice)
    {
        w.Text(notice.Id);
        w.Enum(notice.Event);
        w.Time(notice.At);
        w.Address(notice.Other);
        w.Path(notice.Target);
        w.Enum(notice.Access);
        w.Text(notice.Invitation);
        w.Text(notice.Summary);
    }

    public static SharingNotice Notice(this WireReader r) => new(
        r.Text(), r.Enum<SharingEvent>(), r.Time(), r.Address(), r.Path(), r.Enum<CollectionAccess>(), r.Text(), r.Text());

    public static void Info(this WireWriter w, CollectionInfo info)
    {
        w.Long(info.Id);
        w.Path(info.Path);
        w.Enum(info.Kind);
        w.Enum(info.Components);
        w.Time(info.Created);
        w.Long(info.ModSeq);
        w.Pairs(info.Properties);
        w.List(info.Grants, w.Grant);
        w.Maybe(info.Mount, w.Mount);
        w.List(info.LinkSecrets, w.Text);
        w.Bool(info.IsGenerated);
    }

    public static CollectionInfo Info(this WireReader r) => new()
    {
        Id = r.Long(),
        Path = r.Path(),
        Kind = r.Enum<CollectionKind>(),
        Components = r.Enum<CalendarComponents>(),
        Created = r.Time(),
        ModSeq = r.Long(),
        Properties = r.Properties(),
        Grants = r.List(r.Grant),
        Mount = r.Maybe(r.Mount),
        LinkSecrets = r.List(r.Text),
        IsGenerated = r.Bool(),
    };

    public static IReadOnlyDictionary<string, string> Properties(this WireReader r) => r.Pairs().ToImmutableDictionary(StringComparer.Ordinal);

    public static void Entry(this WireWriter w, ResourceEntry entry)
    {
        w.Long(entry.Id);
        w.Text(entry.Name);
        w.Text(entry.ETag);
        w.Long(entry.Size);
        w.Text(entry.ContentType);
        w.Enum(entry.Component);
        w.Time(entry.Created);
        w.Time(entry.Modified);
        w.Long(entry.ModSeq);
        w.Bytes(entry.Body.Span);
        w.Maybe(entry.ScheduleTag, w.Text);
        w.Bool(entry.IsKnownMatch);
        w.Bool(entry.IsUnreadable);
        w.Maybe(entry.Properties, w.Pairs);
    }

    public static ResourceEntry Entry(this WireReader r) => new()
    {
        Id = r.Long(),
        Name = r.Text(),
        ETag = r.Text(),
        Size = r.Long(),
        ContentType = r.Text(),
        Component = r.Enum<CalendarComponents>(),
        Created = r.Time(),
        Modified = r.Time(),
        ModSeq = r.Long(),
        Body = r.Bytes(),
        ScheduleTag = r.Maybe(r.Text),
        IsKnownMatch = r.Bool(),
        IsUnreadable = r.Bool(),
        Properties = r.Maybe(r.Properties),
    };

    public static void Busy(this WireWriter w, BusyPeriod period)
    {
        w.Time(period.Start);
        w.Time(period.End);
        w.Enum(period.Type);
    }

    public static BusyPeriod Busy(this WireReader r) => new(r.Time(), r.Time(), r.Enum<BusyType>());

    public static void Resource(this WireWriter w, NewResource resource)
    {
        w.Bytes(resource.Body.Span);
        w.Text(resource.ETag);
        w.Text(resource.ContentType);
        w.Maybe(resource.Uid, w.Text);
        w.List(resource.Attachments, w.Text);
        w.Maybe(resource.Birthday, w.Resource);
        w.Enum(resource.Component);
        w.Long(resource.First);
        w.Long(resource.Last);
        w.Maybe(resource.ScheduleTag, w.Text);
        w.MaybeValue(resource.Revision, v => { w.Long(v.Sequence); w.Long(v.Stamp); });
        w.Bytes(resource.Instances.Span);
    }

    public static NewResource Resource(this WireReader r) => new()
    {
        Body = r.Bytes(),
        ETag = r.Text(),
        ContentType = r.Text(),
        Uid = r.Maybe(r.Text),
        Attachments = r.List(r.Text),
        Birthday = r.Maybe(r.Resource),
        Component = r.Enum<CalendarComponents>(),
        First = r.Long(),
        Last = r.Long(),
        ScheduleTag = r.Maybe(r.Text),
        Revision = r.MaybeValue(() => new ItipRevision(r.Long(), r.Long())),
        Instances = r.Bytes(),
    };

    public static void Attached(this WireWriter w, ManagedAttachment file)
    {
        w.Text(file.Id);
        w.Text(file.ContentType);
        w.Text(file.FileName);
        w.Bytes(file.Body.Span);
    }

    public static ManagedAttachment Attached(this WireReader r) => new(r.Text(), r.Text(), r.Text(), r.Bytes());

    public static void Lock(this WireWriter w, ResourceLock held)
    {
        w.Text(held.Token);
        w.Path(held.Root);
        w.Bool(held.Exclusive);
        w.Bool(held.Deep);
        w.Text(held.Owner);
        w.Time(held.Until);
    }

    public static ResourceLock Lock(this WireReader r) => new(r.Text(), r.Path(), r.Bool(), r.Bool(), r.Text(), r.Time());

    public static void Link(this WireWriter w, CollectionLink link)
    {
        w.Path(link.Path);
        w.Text(link.Secret);
        w.Time(link.Created);
    }

    public static CollectionLink Link(this WireReader r) => new(r.Path(), r.Text(), r.Time());

    public static void Subscription(this WireWriter w, PushSubscription m)
    {
        w.Text(m.Id);
        w.Account(m.Account);
        w.Text(m.Resource);
        w.Bytes(m.PublicKey.Span);
        w.Bytes(m.AuthSecret.Span);
        w.Bool(m.NotifyContent);
        w.Bool(m.NotifyProperties);
        w.Time(m.Expires);
    }

    public static PushSubscription Subscription(this WireReader r) => new(
        r.Text(), r.Account(), r.Text(), r.Bytes(), r.Bytes(), r.Bool(), r.Bool(), r.Time());

    public static void Plan(this WireWriter w, QueryPlan plan)
    {
        w.Enum(plan.Components);
        w.Long(plan.First);
        w.Long(plan.Last);
        w.Bytes(plan.Text.Span);
        w.Bool(plan.IsTimeRangeOnly);
    }

    public static QueryPlan Plan(this WireReader r) => new(r.Enum<CalendarComponents>(), r.Long(), r.Long(), r.Bytes()) { IsTimeRangeOnly = r.Bool() };

    public static void Conditions(this WireWriter w, Preconditions conditions)
    {
        w.Maybe(conditions.IfMatch, w.ETags);
        w.Maybe(conditions.IfNoneMatch, w.ETags);
        w.Maybe(conditions.IfScheduleTag, w.Text);
        w.List(conditions.If, list =>
        {
            w.Maybe(list.Resource, w.Path);
            w.Bool(list.IsForeign);
            w.List(list.Conditions, s => { w.Bool(s.Not); w.Maybe(s.Token, w.Text); w.Maybe(s.ETag, w.Text); });
        });
    }

    public static Preconditions Conditions(this WireReader r) => new()
    {
        IfMatch = r.Maybe(r.ETags),
        IfNoneMatch = r.Maybe(r.ETags),
        IfScheduleTag = r.Maybe(r.Text),
        If = r.List(() => new IfConditionList(r.Maybe(r.Path), r.Bool(), r.List(() => new IfCondition(r.Bool(), r.Maybe(r.Text), r.Maybe(r.Text))))),
    };

    private static void ETags(this WireWriter w, ETagList tags)
    {
        w.Bool(tags.Any);
        w.List(tags.Tags, w.Text);
    }

    private static ETagList ETags(this WireReader r) => new(r.Bool(), r.List(r.Text));
}
