using MailServer.Domain.Addresses;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Delegation of attendance (RFC 5546 §3.2.2.3). Only the stored DELEGATED-TO of the delegator counts; the DELEGATED-FROM of a delegate can be forged.</summary>
internal static class Delegation
{
    // Limits how many people one attendee can add.
    private const int Most = 10;

    private const string Delegated = "DELEGATED";

    /// <summary>The delegates of the attendee in this line.</summary>
    public static IReadOnlyList<EmailAddress> To(ContentLine attendee) => Addresses(attendee, "DELEGATED-TO");

    /// <summary>The delegators that the attendee in this line claims.</summary>
    public static IReadOnlyList<EmailAddress> From(ContentLine attendee) => Addresses(attendee, "DELEGATED-FROM");

    /// <summary>The line of the attendee who delegated to <paramref name="delegatee"/> in this component; null if there is none.</summary>
    public static ContentLine? Of(IEnumerable<ContentLine> lines, EmailAddress delegatee) =>
        lines.FirstOrDefault(l => l.Name == "ATTENDEE" && SchedulingObject.Participation(l) == Delegated && To(l).Contains(delegatee));

    /// <summary>The line with the delegates named in the answer, or without delegates if the answer does not delegate.</summary>
    public static ContentLine Answered(ContentLine known, ContentLine answer)
    {
        var to = SchedulingObject.Participation(answer) == Delegated ? To(answer) : [];
        return EditableComponent.WithAll(known, "DELEGATED-TO", [.. to.Select(Written)]);
    }

    /// <summary>An ATTENDEE line for the delegate with the role of the delegator. Of the delegate's own line only the participation status is used.</summary>
    public static ContentLine Invite(ContentLine delegator, EmailAddress delegatee)
    {
        var from = CalendarUserAddress.Parse(delegator.Text) ?? throw new ArgumentException("the delegator has no email address", nameof(delegator));
        List<ContentParameter> parameters = [.. delegator.Parameters.Where(static p => p.Name is "ROLE" or "RSVP")];
        parameters.Add(new ContentParameter("DELEGATED-FROM", [Written(from)]));
        return EditableComponent.Make("ATTENDEE", parameters, Written(delegatee));
    }

    private static IReadOnlyList<EmailAddress> Addresses(ContentLine line, string parameter) =>
        [.. line.Parameters.Where(p => p.Name == parameter).SelectMany(static p => p.Values).Take(Most).Select(CalendarUserAddress.Parse).OfType<EmailAddress>()];

    private static string Written(EmailAddress address) => "mailto:" + address;
}
