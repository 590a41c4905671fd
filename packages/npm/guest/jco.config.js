// For `jco componentize --bundle-config`: the component's imports are not packages to bundle.
export default { external: [/^azure:/, /^wasi:/] };
