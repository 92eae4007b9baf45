using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Commands;
using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Sieve.Tests;

namespace MailServer.Protocol.Sieve;

/// <summary>All tests and commands. A new one gets a line here.</summary>
internal static class SieveWords
{
    public static SieveVocabulary Vocabulary { get; } = new(
    [
        new("address", [], AddressTest.Check),
        new("allof", [], ListTest.CheckAll),
        new("anyof", [], ListTest.CheckAny),
        new("body", ["body"], BodyTest.Check),
        new("currentdate", ["date"], CurrentDateTest.Check),
        new("date", ["date"], DateTest.Check),
        new("duplicate", ["duplicate"], DuplicateTest.Check),
        new("envelope", ["envelope"], EnvelopeTest.Check),
        new("environment", ["environment"], EnvironmentTest.Check),
        new("exists", [], ExistsTest.Check),
        new("false", [], static _ => new ConstantTest(false)),
        new("hasflag", ["imap4flags"], HasFlagTest.Check),
        new("header", [], HeaderTest.Check),
        new("ihave", ["ihave"], IhaveTest.Check),
        new("mailboxexists", ["mailbox"], MailboxExistsTest.Check),
        new("mailboxidexists", ["mailboxid"], MailboxExistsTest.CheckId),
        new("metadata", ["mboxmetadata"], MetadataTest.Check),
        new("metadataexists", ["mboxmetadata"], MetadataExistsTest.Check),
        new("not", [], NotTest.Check),
        new("notify_method_capability", ["enotify"], NotifyCapabilityTest.Check),
        new("servermetadata", ["servermetadata"], MetadataTest.CheckServer),
        new("servermetadataexists", ["servermetadata"], MetadataExistsTest.CheckServer),
        new("size", [], SizeTest.Check),
        new("spamtest", ["spamtest"], SpamTest.Check),
        new("specialuse_exists", ["special-use"], SpecialUseExistsTest.Check),
        new("string", ["variables"], StringTest.Check),
        new("true", [], static _ => new ConstantTest(true)),
        new("valid_ext_list", ["extlists"], ValidListTest.Check),
        new("valid_notify_method", ["enotify"], ValidNotifyMethodTest.Check),
        new("virustest", ["virustest"], VirusTest.Check),
    ],
    [
        new("addflag", ["imap4flags"], FlagCommand.Check(FlagChange.Add)),
        new("addheader", ["editheader"], AddHeaderCommand.Check),
        new("break", ["foreverypart"], BreakCommand.Check),
        new("deleteheader", ["editheader"], DeleteHeaderCommand.Check),
        new("discard", [], static _ => new DiscardCommand()),
        new("enclose", ["enclose"], EncloseCommand.Check),
        new("ereject", ["ereject"], RejectCommand.CheckInSession),
        new("error", ["ihave"], ErrorCommand.Check),
        new("extracttext", ["extracttext"], ExtractTextCommand.Check),
        new("fileinto", ["fileinto"], FileIntoCommand.Check),
        new("foreverypart", ["foreverypart"], ForEveryPartCommand.Check),
        new("global", ["include"], GlobalCommand.Check),
        new("include", ["include"], IncludeCommand.Check),
        new("keep", [], KeepCommand.Check),
        new("notify", ["enotify"], NotifyCommand.Check),
        new("redirect", [], RedirectCommand.Check),
        new("reject", ["reject"], RejectCommand.Check),
        new("removeflag", ["imap4flags"], FlagCommand.Check(FlagChange.Remove)),
        new("replace", ["replace"], ReplaceCommand.Check),
        new("return", ["include"], static _ => new FlowCommand(SieveFlow.Return)),
        new("set", ["variables"], SetCommand.Check),
        new("setflag", ["imap4flags"], FlagCommand.Check(FlagChange.Set)),
        new("stop", [], static _ => new FlowCommand(SieveFlow.Stop)),
        new("vacation", ["vacation"], VacationCommand.Check),
    ]);
}
