using System.CommandLine;
using System.Security.Cryptography;
using MailServer.Actors.Authentication;
using MailServer.Common;
using OtpNet;

namespace MailServer.Commands;

/// <summary><c>user totp enable|disable|recovery-codes|status</c>: two-factor sign-in to the user's web page.</summary>
internal static class TotpCommands
{
    private const int KeyOctets = 20; // RFC 4226 §4: at least 128 bits, 160 recommended
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The user's address." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "totp", "Manage one-time codes (TOTP) for a user's web page. Mail clients do not support them; see 'user app-password require'.",
        Enable(factory), Disable(factory), Recovery(factory), Status(factory));

    private static Command Enable(CommandFactory factory) => factory.Action(
        "enable", "Create a TOTP secret for the user's authenticator app and print it. It is not shown again.", ["user totp enable ann@example.org"], [Address, factory.Json], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            var key = RandomNumberGenerator.GetBytes(KeyOctets);
            using var directory = context.OpenDirectory();
            await directory.Administration.SetTotpAsync(address, key, cancel);
            var secret = Base32Encoding.ToString(key);
            var listing = new Listing("address", "secret", "uri");
            listing.Add(address.ToString(), secret, new OtpUri(OtpType.Totp, secret, address.ToString(), context.Options.Server.Hostname).ToString());
            return context.Print(listing);
        });

    private static Command Disable(CommandFactory factory) => factory.Action(
        "disable", "Turn off TOTP, for example when the user has lost the device.", ["user totp disable ann@example.org"], [Address], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            using var directory = context.OpenDirectory();
            var isChanged = await directory.Administration.SetTotpAsync(address, null, cancel);
            context.WriteLine((isChanged ? "" : "nothing changed: ") + $"{address} signs in without a code");
            return ExitCodes.Success;
        });

    private static Command Recovery(CommandFactory factory) => factory.Action(
        "recovery-codes", "Create recovery codes and print them. Each replaces a one-time code once. Earlier recovery codes stop working; these are not shown again.", ["user totp recovery-codes ann@example.org"],
        [Address, factory.Json], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            var codes = RecoveryCodes.NewSet();
            using var directory = context.OpenDirectory();
            if (!await directory.Administration.SetRecoveryCodesAsync(address, RecoveryCodes.DigestsOf(codes), cancel))
                throw new CommandFailure($"{address} signs in without a code; turn codes on first with 'mailserver user totp enable'");
            var listing = new Listing("address", "recovery_code");
            foreach (var code in codes) listing.Add(address.ToString(), code);
            return context.Print(listing);
        });

    private static Command Status(CommandFactory factory) => factory.Action(
        "status", "Show whether the user's web page requires codes, and whether mail clients need app passwords.", ["user totp status ann@example.org"], [Address, factory.Json], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            using var directory = context.OpenDirectory();
            var login = await directory.FindLoginAsync(address, cancel) ?? throw new CommandFailure($"no user '{address}'; see 'mailserver user list'");
            var listing = new Listing("address", "totp", "app_passwords_only", "recovery_codes");
            listing.Add(address.ToString(), login.Totp is not null, login.AppPasswordsOnly, login.RecoveryCodes);
            return context.Print(listing);
        });
}
