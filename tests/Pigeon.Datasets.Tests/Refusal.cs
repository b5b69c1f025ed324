using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Datasets.Tests;

/// <summary>Checks that input is refused, with which diagnostic and where.</summary>
internal static class Refusal
{
    public static Diagnostic Of(string id, Action action)
    {
        var diagnostic = Assert.Throws<PigeonException>(action).Diagnostic;
        Assert.Equal(id, diagnostic.Id);
        return diagnostic;
    }

    public static void At(string id, string placeEnd, Action action) => Assert.EndsWith(placeEnd, Of(id, action).Place);
}
