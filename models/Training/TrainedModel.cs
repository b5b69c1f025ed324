namespace Pigeon.Models;

/// <summary>What all trained models are made ready by.</summary>
internal static class TrainedModel
{
    /// <summary>The model after it was made ready; it is disposed where that fails.</summary>
    public static T Ready<T>(this T model, Action<T> prepare)
        where T : ITrainedModel
    {
        try
        {
            prepare(model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
