using System.CommandLine;
using System.Security.Cryptography;
using MailServer.Common;
using OtpNet;

namespace MailServer.Commands;

/// <summary><c>user totp enable|disable|status</c>: codes for the user's page.</summary>
internal static class TotpCommands
{
    private const int KeyOctets = 20; // RFC 4226 §4: at least 128 bits, 160 recommended
    private static readonly Argument<string> s_address = new("ADDRESS") { Description = "The user's address." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "totp", "Codes that the user's page asks for beside the password. Mail clients cannot send them: they go on with passwords, see 'user app-password require'.",
        Enable(factory), Disable(factory), Status(factory));

    private static Command Enable(CommandFactory factory) => factory.Action(
        "enable", "Makes a secret and shows it, once, for the user's authenticator app.", ["user totp enable ann@example.org"], [s_address, factory.Json], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(s_address));
            var key = RandomNumberGenerator.GetBytes(KeyOctets);
            using var directory = context.OpenDirectory();
            await directory.Administration.SetTotpAsync(address, key, cancel);
            var secret = Base32Encoding.ToString(key);
            var listing = new Listing("address", "secret", "uri");
            listing.Add(address.ToString(), secret, new OtpUri(OtpType.Totp, secret, address.ToString(), context.Options.Server.Hostname).ToString());
            return context.Print(listing);
        });

    private static Command Disable(CommandFactory factory) => factory.Action(
        "disable", "The user's page asks for no code any more: for who lost the device.", ["user totp disable ann@example.org"], [s_address], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(s_address));
            using var directory = context.OpenDirectory();
            await directory.Administration.SetTotpAsync(address, null, cancel);
            context.Say($"{address} needs no code");
            return ExitCodes.Done;
        });

    private static Command Status(CommandFactory factory) => factory.Action(
        "status", "Tells whether the user's page asks for codes, and whether devices need app passwords.", ["user totp status ann@example.org"], [s_address, factory.Json], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(s_address));
            using var directory = context.OpenDirectory();
            var login = await directory.FindLoginAsync(address, cancel) ?? throw new CommandFailure($"no account '{address}'; try 'mailserver user list'");
            var listing = new Listing("address", "totp", "app_passwords_only");
            listing.Add(address.ToString(), login.Totp is not null, login.AppPasswordsOnly);
            return context.Print(listing);
        });
}
