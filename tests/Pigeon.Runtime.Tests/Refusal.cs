using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Runtime.Tests;

/// <summary>Asserts about input that must be refused.</summary>
public static class Refusal
{
    /// <summary>The action throws that diagnostic, names the place where one is given, and says what to do.</summary>
    public static Diagnostic Of(string id, Action action, string? place = null)
    {
        Diagnostic diagnostic = Assert.Throws<PigeonException>(action).Diagnostic;
        Assert.Equal(id, diagnostic.Id);
        Assert.StartsWith(place ?? "", diagnostic.Place ?? "");
        Assert.False(string.IsNullOrEmpty(diagnostic.Remedy), "a remedy is given");
        return diagnostic;
    }

    /// <summary>Whether the action refuses its input; any other exception goes on.</summary>
    public static bool By(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (PigeonException e)
        {
            Assert.InRange(e.Diagnostic.Id, "PG0350", "PG0399");
            return true;
        }
    }
}
