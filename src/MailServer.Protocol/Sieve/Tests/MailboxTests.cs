using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>mailboxexists</c> (RFC 5490 §3.1) and <c>mailboxidexists</c> (RFC 9042 §5): whether all of the folders are there.</summary>
internal sealed class MailboxExistsTest(IReadOnlyList<SieveText> names, bool isId) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments) => Check(arguments, "the names of folders", isId: false);

    public static SieveTest CheckId(SieveArguments arguments) => Check(arguments, "the identifiers of folders", isId: true);

    public override bool Evaluate(SieveRun run) => run.Expand(names).All(n => isId ? run.Facts.MailboxIdExists(n) : run.Facts.MailboxExists(n));

    private static MailboxExistsTest Check(SieveArguments arguments, string what, bool isId)
    {
        arguments.Checker.Needs |= SieveNeeds.Mailboxes;
        return new MailboxExistsTest(arguments.Texts(what), isId);
    }
}

/// <summary><c>specialuse_exists</c> (RFC 8579 §3): whether the folder, or any folders, have all of the special uses.</summary>
internal sealed class SpecialUseExistsTest(SieveText? mailbox, IReadOnlyList<SieveText> uses) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Mailboxes;
        var mailbox = arguments.Left > 1 ? arguments.Text("the name of a folder") : null;
        return new SpecialUseExistsTest(mailbox, arguments.Texts("special uses"));
    }

    public override bool Evaluate(SieveRun run)
    {
        var name = mailbox?.Expand(run);
        return run.Expand(uses).All(u => run.Facts.SpecialUseExists(name, u));
    }
}

/// <summary><c>metadata</c> and <c>servermetadata</c> (RFC 5490 §3.3, §4.3).</summary>
internal sealed class MetadataTest(SieveText? mailbox, SieveText annotation, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments) => Check(arguments, hasMailbox: true);

    public static SieveTest CheckServer(SieveArguments arguments) => Check(arguments, hasMailbox: false);

    public override bool Evaluate(SieveRun run) => run.Facts.Metadata(mailbox?.Expand(run), annotation.Expand(run)) is { } value && matcher.Matches([value], run);

    private static MetadataTest Check(SieveArguments arguments, bool hasMailbox)
    {
        arguments.Checker.Needs |= SieveNeeds.Metadata;
        var match = new MatchArguments(arguments);
        var mailbox = hasMailbox ? arguments.Text("the name of a folder") : null;
        return new MetadataTest(mailbox, arguments.Text("the name of an annotation"), match.Keys());
    }
}

/// <summary><c>metadataexists</c> and <c>servermetadataexists</c> (RFC 5490 §3.4, §4.4).</summary>
internal sealed class MetadataExistsTest(SieveText? mailbox, IReadOnlyList<SieveText> annotations) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Metadata;
        var mailbox = arguments.Text("the name of a folder");
        return new MetadataExistsTest(mailbox, arguments.Texts("the names of annotations"));
    }

    public static SieveTest CheckServer(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Metadata;
        return new MetadataExistsTest(null, arguments.Texts("the names of annotations"));
    }

    public override bool Evaluate(SieveRun run)
    {
        var name = mailbox?.Expand(run);
        return run.Expand(annotations).All(a => run.Facts.Metadata(name, a) is not null);
    }
}
