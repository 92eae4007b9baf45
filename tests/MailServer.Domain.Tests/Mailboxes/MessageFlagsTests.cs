using CsCheck;
using MailServer.Domain.Mailboxes;

namespace MailServer.Domain.Tests.Mailboxes;

public sealed class MessageFlagsTests
{
    private static readonly Gen<MessageFlags> Flags = Gen.Select(
        Gen.Int[0, 31],
        Gen.OneOfConst("$Junk", "$junk", "$Forwarded", "a", "B").Array[0, 4],
        (system, keywords) => new MessageFlags((SystemFlags)system, KeywordSet.Of(keywords)));

    [Fact]
    public void Default_value_has_no_flags()
    {
        MessageFlags none = default;
        Assert.Equal(MessageFlags.None, none);
        Assert.Equal(MessageFlags.None.GetHashCode(), none.GetHashCode());
        Assert.Same(KeywordSet.Empty, none.Keywords);
        Assert.Equal(MessageFlags.None, none.Apply(FlagOperation.Add, default));
        Assert.Equal(MessageFlags.None, none with { Keywords = KeywordSet.Empty });
    }

    [Fact]
    public void Added_flags_are_set_and_removed_flags_are_not() => Flags.Select(Flags).Sample((flags, change) =>
    {
        var added = flags.Apply(FlagOperation.Add, change);
        Assert.Equal(flags.System | change.System, added.System);
        Assert.All(flags.Keywords.Keywords.Concat(change.Keywords.Keywords), k => Assert.True(added.Keywords.Contains(k)));

        var removed = flags.Apply(FlagOperation.Remove, change);
        Assert.Equal(SystemFlags.None, removed.System & change.System);
        Assert.All(change.Keywords.Keywords, k => Assert.False(removed.Keywords.Contains(k)));

        Assert.Equal(change, flags.Apply(FlagOperation.Replace, change));
        Assert.Equal(removed, added.Apply(FlagOperation.Remove, change));
        Assert.Equal(added, added.Apply(FlagOperation.Add, change));
    });
}
